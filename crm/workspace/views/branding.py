"""Settings → Branding, and what every page of the workspace fetches of it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.colour import accent_of, contrast, read_colour
from core.errors import DomainError
from core.tenancy.scope import current_snapshot
from crm.workspace.selectors.branding import branding_now, style_sheet
from crm.workspace.services.branding import remove_logo, set_logo, set_look
from tenants.people.rights import require_administrator
from web.answers import go

_HOME = "/settings/branding/"
_KEPT_SECONDS = 365 * 24 * 3600
_OWN_ACCENT = "#3366cc"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def branding_settings(request: HttpRequest) -> HttpResponse:
    """Colour, logo and the foot of mails."""
    user: Any = request.user
    require_administrator(user)
    now = branding_now()
    given = {"accent": now.accent, "footer": now.footer}
    if request.method != "POST":
        return _page(request, given)
    accent = request.POST.get("accent", "") if request.POST.get("own") == "yes" else ""
    given = {"accent": accent, "footer": request.POST.get("footer", "")}
    try:
        batch = set_look(accent=accent, footer=given["footer"], by=user)
    except DomainError as error:
        return _page(request, given, error)
    return go(request, _HOME, _("Saved"), batch=batch)


@require_POST
@login_required
def branding_logo(request: HttpRequest) -> HttpResponse:
    """A new logo, or with `remove` none."""
    user: Any = request.user
    require_administrator(user)
    if "remove" in request.POST:
        return go(request, _HOME, _("Logo removed"), batch=remove_logo(by=user))
    upload = request.FILES.get("logo")
    now = branding_now()
    try:
        if upload is None:
            message = _("Choose a file first.")
            raise DomainError(message, fields={"logo": message})
        batch = set_logo(upload, by=user)
    except DomainError as error:
        return _page(request, {"accent": now.accent, "footer": now.footer}, error)
    return go(request, _HOME, _("Logo saved"), batch=batch)


@require_safe
@login_required
def branding_preview(request: HttpRequest) -> HttpResponse:
    """How it looks in the colour that is being chosen."""
    require_administrator(request.user)  # type: ignore[arg-type]
    accent = request.GET.get("accent", "") if request.GET.get("own") == "yes" else ""
    return render(request, "crm/workspace/_look.html", _preview(accent))


@require_safe
def brand_style(request: HttpRequest) -> HttpResponse:
    """The workspace's colour, for every page, also before sign-in."""
    accent = branding_now().accent
    if not accent:
        raise Http404
    response = HttpResponse(style_sheet(accent), content_type="text/css")
    return _kept(response)


@require_safe
def brand_logo(request: HttpRequest) -> HttpResponse:
    """The logo, for every page, also before sign-in, and for mails."""
    logo = branding_now().logo
    if not logo or not default_storage.exists(logo):
        raise Http404
    return _kept(FileResponse(default_storage.open(logo, "rb"), content_type="image/png"))


def _kept(response: Any) -> HttpResponse:
    """The address changes with the content."""
    response.headers["Cache-Control"] = f"private, max-age={_KEPT_SECONDS}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response  # type: ignore[no-any-return]


def _page(request: HttpRequest, given: dict[str, str], problem: DomainError | None = None) -> HttpResponse:
    context = {
        "title": _("Branding"),
        "given": given,
        "colour": read_colour(given["accent"]) or _OWN_ACCENT,
        "problems": {name: [str(text)] for name, text in problem.fields.items()} if problem else {},
        **_preview(given["accent"]),
    }
    return render(request, "crm/workspace/branding.html", context, status=problem.status if problem else 200)


def _preview(accent: str) -> dict[str, Any]:
    """Two small frames drawn in the colour; nothing for what is no colour yet."""
    colour = read_colour(accent) if accent else _OWN_ACCENT
    if colour is None:
        return {"looks": [], "notes": [_("Write the colour as #1f6feb.")]}
    shades = accent_of(colour)
    notes = []
    if accent and shades.changed_light:
        notes.append(_("In light it is made darker, so that text can be read."))
    if accent and shades.changed_dark:
        notes.append(_("In dark it is made lighter, so that text can be read."))
    looks = [
        _look(_("Light"), shades.light, surface="#ffffff", side="#f9fafb", text="#1c2027", faint="#e7e9ed"),
        _look(_("Dark"), shades.dark, surface="#15161a", side="#0f1013", text="#ededf0", faint="#2a2c33"),
    ]
    return {"looks": looks, "notes": notes}


def _look(name: str, shades: Any, **colours: str) -> dict[str, Any]:
    ratio = f"{contrast(shades.on, shades.accent):.1f}"
    return {
        "name": name,
        "shades": shades,
        "ratio": ratio,
        "workspace": current_snapshot().name[:10],
        **colours,
    }
