"""Telling people what lower rooms have finished: activities stand above imports, so config ties them."""

from django.utils.translation import gettext as _

from crm.activities.models import Notification
from crm.activities.services.notifications import notify, speaking_to
from crm.transfer.models import ExportJob, ExportState, ImportJob, ImportState
from tenants.people.models import User


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
