"""Writing a mail to a record's address, and sending one again."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError, NotAllowed
from core.records.types import RecordType, record_types
from crm.activities.models import Activity, Kind
from crm.activities.selectors.activities import visible_activities
from crm.mail.forms import MailForm
from crm.mail.rules import address_of_record
from crm.mail.services import retry_mail, send_mail
from web.answers import go, show_form, told
from web.records.access import visible_record
from web.shell import Place


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_mail(request: HttpRequest, kind: RecordType, record_id: UUID) -> HttpResponse:
    """A mail to the address of a record."""
    record = visible_record(request, kind, record_id)
    if not kind.timeline:
        raise Http404
    address = address_of_record(kind, record)
    form = MailForm(request.POST if request.method == "POST" else None, initial={"to": address})
    if request.method == "POST" and form.is_valid():
        try:
            send_mail(record, **form.cleaned_data, by=request.user)
        except NotAllowed:
            raise
        except DomainError as error:
            for name, message in error.fields.items() or [(None, error.message)]:
                form.add_error(name if name in form.fields else None, str(message))
        else:
            return go(request, kind.url_of(record.pk), _("Your mail is on its way"))
    context = {
        "title": _("Mail to %(title)s") % {"title": kind.title_of(record)},
        "intro": _("It is sent in your name; answers come to %(mail)s.") % {"mail": request.user.email},
        "form": form,
        "wide": form.wide,
        "submit": _("Send"),
        "action": request.get_full_path(),
        "cancel_url": kind.url_of(record.pk),
        "crumb": Place(kind.title_of(record), kind.url_of(record.pk), kind.icon),
    }
    return show_form(request, context, refused=form.errors)


@require_POST
@login_required
def retry(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    """Send a mail that failed once more."""
    activity: Activity | None = (
        visible_activities(to=request.user).filter(pk=activity_id, kind=Kind.MAIL).first()
    )
    kind = next((each for each in record_types() if activity and each.key == activity.target_type), None)
    if activity is None or kind is None:
        raise Http404
    visible_record(request, kind, activity.target_id)
    retry_mail(activity.pk, by=request.user)
    if getattr(request, "htmx", False):
        return told(_("Your mail is on its way"), work_changed=True)
    return go(request, kind.url_of(activity.target_id), _("Your mail is on its way"))
