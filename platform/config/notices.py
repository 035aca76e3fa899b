"""Telling people what lower rooms have finished: activities stand above imports, so config ties them."""

from django.utils.translation import gettext as _

from crm.activities.models import Notification
from crm.activities.notifications import notify, speaking_to
from crm.transfer.models import ImportJob, ImportState


def tell_importer(job: ImportJob, state: ImportState) -> None:
    """The person who started an import hears of its end, unless they ended it themselves."""
    if job.created_by is None or state == ImportState.CANCELLED:
        return
    with speaking_to(job.created_by):
        if state == ImportState.DONE:
            text = _("The import of %(file)s is done.") % {"file": job.file_name}
        else:
            text = _("The import of %(file)s has stopped.") % {"file": job.file_name}
        notify(person=job.created_by, kind=Notification.Kind.JOB, text=text, url=f"/import/{job.pk}/")
