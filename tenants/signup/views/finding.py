"""The public host for people who have a workspace: sign in, find it, change the language, read the terms."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.limits import spend
from core.tenancy.addresses import address_of
from core.tenancy.tasks import send_named
from tenants.people.forms import with_problems
from tenants.registry.hosts import snapshot_of_host
from tenants.signup.forms import AddressForm, MailForm
from tenants.signup.site_pages import current_texts
from tenants.signup.views.opening import may_lead_to_workspaces, visitor

_MAILS_AN_HOUR = 5
_LOOKS_A_MINUTE = 30
_LANGUAGE_SECONDS = 365 * 24 * 3600


@may_lead_to_workspaces
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in of one's own workspace, by its address."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            spend("sign-in", visitor(request), limit=_LOOKS_A_MINUTE, seconds=60)
            return redirect(address_of(_host_of(form.cleaned_data["address"]), "/account/login/"))
        except DomainError as error:
            with_problems(form, error.fields, error)
    context = {"form": form, "mail_form": MailForm(), "suffix": _suffix()}
    return render(request, "tenants/signup/sign_in.html", context, status=422 if form.errors else 200)


def _host_of(typed: str) -> str:
    """The host that somebody means by 'acme', 'acme.guanxi.example' or a pasted link. Raises DomainError."""
    host = typed.strip().lower().split("://")[-1].split("/")[0].split(":")[0]
    base = settings.GUANXI["BASE_HOST"]
    host = host if host.endswith(f".{base}") else f"{host}.{base}"
    snapshot = snapshot_of_host(host)
    if snapshot is None:
        sentence = _("No workspace has this address.")
        raise DomainError(sentence, fields={"address": sentence})
    return snapshot.domain


@require_http_methods(["GET", "HEAD", "POST"])
def find_workspaces(request: HttpRequest) -> HttpResponse:
    """The answer goes by mail; the page says the same whoever asks for whom."""
    form = MailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        mail = form.cleaned_data["mail"].lower()
        try:
            spend("find", visitor(request), limit=_MAILS_AN_HOUR * 4, seconds=3600)
            spend("find-mail", mail, limit=_MAILS_AN_HOUR, seconds=3600)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            # By a worker: how long the answer takes would tell whether there is one.
            send_named("signup.mail_workspaces", mail, translation.get_language() or "en")
            return render(request, "tenants/signup/find_sent.html", {"mail": mail})
    status = 422 if form.errors else 200
    return render(request, "tenants/signup/find.html", {"form": form}, status=status)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in a cookie and go back to the page."""
    code = request.POST.get("language", "")
    back = request.POST.get("next", "/")
    response = redirect(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/")
    if code in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=_LANGUAGE_SECONDS,
            samesite="Lax",
            secure=request.is_secure(),
        )
    return response


@require_safe
def site_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Terms or privacy, as they stand now."""
    text = current_texts(translation.get_language() or "en")[slug]
    return render(request, "tenants/signup/site_page.html", {"text": text, "no_side": True})


def _suffix() -> str:
    return f".{settings.GUANXI['BASE_HOST']}{settings.GUANXI['PUBLIC_PORT']}"
