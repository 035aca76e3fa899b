"""One's own page: profile, picture, mail address."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.limits import spend
from tenants.people.confirmation import ask_to_confirm
from tenants.people.forms import NewMailForm, ProfileForm, with_problems
from tenants.people.pictures import picture_url
from tenants.people.profile import Profile, remove_avatar, set_avatar, update_profile
from tenants.people.security.confirming import kept_values, needs_confirmation
from tenants.people.selectors import visible_people
from tenants.people.sso.services import is_linked, service_in_use
from web.answers import go

_PICTURE_SECONDS = 30 * 24 * 3600
_MAILS_AN_HOUR = 5


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """The signed-in person's own details."""
    person: Any = request.user
    initial = {name: getattr(person, name) for name in ProfileForm.base_fields}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            update_profile(person, Profile(**form.cleaned_data))
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            with override(person.language or request.tenant.language):  # type: ignore[attr-defined]
                return go(request, "/profile/", _("Saved"))
    return _page(request, form)


@require_POST
@login_required
def change_picture(request: HttpRequest) -> HttpResponse:
    """A new picture, or with `remove` none."""
    person: Any = request.user
    if "remove" in request.POST:
        remove_avatar(person)
        return go(request, "/profile/", _("Picture removed"))
    upload = request.FILES.get("avatar")
    try:
        if upload is None:
            raise DomainError(_("Choose a picture first."))
        set_avatar(person, upload)
    except DomainError as error:
        return _page(request, None, picture_error=str(error))
    return go(request, "/profile/", _("Picture saved"))


@require_POST
@login_required
@needs_confirmation(back="profile")
def change_mail(request: HttpRequest) -> HttpResponse:
    """A link to the new address; it becomes the person's when they follow it."""
    form = NewMailForm(request.POST)
    if not form.is_valid():
        return _page(request, None, mail_form=form)
    try:
        _spend_mail(request)
        ask_to_confirm(request.user, mail=form.cleaned_data["mail"])  # type: ignore[arg-type]
    except DomainError as error:
        return _page(request, None, mail_form=with_problems(form, error.fields, error))
    sentence = _("We sent a link to %(mail)s. Follow it, and the address is yours.")
    return go(request, "/profile/", sentence % {"mail": form.cleaned_data["mail"]})


@require_POST
@login_required
def resend_confirmation(request: HttpRequest) -> HttpResponse:
    """The link for the address one has, again."""
    _spend_mail(request)
    ask_to_confirm(request.user)  # type: ignore[arg-type]
    return go(request, "/profile/", _("We sent the link again. Look into your mailbox."))


@require_safe
@login_required
def picture(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """A person's picture, for people of this workspace."""
    person = get_object_or_404(visible_people(to=request.user), pk=person_id)  # type: ignore[arg-type]
    if not person.avatar or not person.avatar.storage.exists(person.avatar.name):
        raise Http404
    response = FileResponse(person.avatar.open("rb"), content_type="image/png")
    # Private: a shared cache must not hand it to another. The address changes with the picture.
    response.headers["Cache-Control"] = f"private, max-age={_PICTURE_SECONDS}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _spend_mail(request: HttpRequest) -> None:
    spend("confirmation-mail", str(request.user.pk), limit=_MAILS_AN_HOUR, seconds=3600)


def _page(request: HttpRequest, form: ProfileForm | None, **context: Any) -> HttpResponse:
    person: Any = request.user
    person.refresh_from_db()
    if form is None:
        form = ProfileForm(initial={name: getattr(person, name) for name in ProfileForm.base_fields})
    mail_form = context.setdefault("mail_form", NewMailForm(initial=kept_values(request)))
    refused = form.errors or mail_form.errors or context.get("picture_error")
    service = service_in_use()
    context |= {"sso": service, "is_linked": service is not None and is_linked(service, person)}
    context |= {"title": _("Profile"), "form": form, "person": person, "picture": picture_url(person)}
    return render(request, "tenants/people/profile.html", context, status=422 if refused else 200)
