"""Background work of the outbox."""

from core.outbox.sending import send_late
from core.tenancy.tasks import tenant_task


@tenant_task(name="outbox.send_late")
def send_late_ones(tenant: str) -> int:
    """Send what has waited too long. A second run finds it sent."""
    return send_late()
