"""What rooms above know of the duties of somebody who leaves: the one visible list."""

from django.utils.translation import gettext as _

from crm.transfer.models import ImportJob
from crm.transfer.services.sweeping import WORKING
from tenants.people.leaving.owned import Duty
from tenants.people.models import User


def imports_running(person: User) -> list[Duty]:
    """Imports that write in the person's name; what they bring is handed over with the rest."""
    running = ImportJob.objects.filter(created_by=person, state__in=WORKING).count()
    return [Duty(_("Imports running"), running, _("run to their end; what they bring goes along"))]
