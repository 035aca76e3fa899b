"""Telling people what lower rooms have finished: activities stand above imports, so config ties them."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.activities.models import Notification
from crm.activities.services.notifications import notify, speaking_to
from crm.transfer.models import ExportJob, ExportState, ImportJob, ImportState
from tenants.people.models import HandOver, User


def tell_importer(job: ImportJob, state: ImportState) -> None:
    """Who started an import or its undo hears of the end, unless they ended it themselves."""
    person = job.undone_by or job.created_by
    if person is None or state == ImportState.CANCELLED:
        return
    with speaking_to(person):
        text = _import_sentence(state) % {"file": job.file_name}
    notify(person=person, kind=Notification.Kind.JOB, text=text, url=f"/import/{job.pk}/")


def _import_sentence(state: ImportState) -> str:
    if state == ImportState.DONE:
        return _("The import of %(file)s is done.")
    if state == ImportState.UNDONE:
        return _("The import of %(file)s has been taken back.")
    if state == ImportState.UNDOING:
        return _("The import of %(file)s could not be taken back.")
    return _("The import of %(file)s has stopped.")


def tell_exporter(job: ExportJob, state: ExportState) -> None:
    """Who asked for an archive of the workspace hears that it is there, or is not."""
    with speaking_to(job.created_by):
        text = (
            _("The archive of the workspace is ready.")
            if state == ExportState.DONE
            else _("The archive of the workspace could not be made.")
        )
    notify(person=job.created_by, kind=Notification.Kind.JOB, text=text, url="/settings/export/")


def ring_bell(person: User, text: str, url: str) -> None:
    """For floors below the bell: text is in the person's language already."""
    notify(person=person, kind=Notification.Kind.REMINDER, text=text, url=url)


def tell_receivers(done: HandOver) -> None:
    """Everybody who was given records of a leaver hears how many, but who did it themselves."""
    given = {UUID(key): count for key, count in done.given.items() if count}
    given.pop(done.created_by_id, None)  # type: ignore[call-overload]
    for person in User.objects.filter(pk__in=given, is_active=True):
        count = given[person.pk]
        with speaking_to(person):
            text = ngettext(
                "You were given %(count)d record of %(name)s.",
                "You were given %(count)d records of %(name)s.",
                count,
            ) % {"count": count, "name": done.person.name}
        notify(person=person, kind=Notification.Kind.ASSIGNMENT, text=text, url="/accounts/?f=owner.me.")
