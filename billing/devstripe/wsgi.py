"""The WSGI application of the stand-in, and its two threads: what is due, and what is to be delivered."""

import os
import threading

import django
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "billing.devstripe.settings"
django.setup()


def _prepare() -> None:
    """The tables, and the installation's own endpoint with the secret that it was told."""
    from billing.devstripe import clocks, delivery
    from billing.devstripe.endpoints import keep_own_endpoint

    call_command("migrate", run_syncdb=True, verbosity=0)
    key, url = os.environ.get("DEVSTRIPE_SECRET_KEY", ""), os.environ.get("DEVSTRIPE_WEBHOOK_URL", "")
    if key and url:
        keep_own_endpoint(key, url, os.environ.get("DEVSTRIPE_WEBHOOK_SECRET", ""))
    threading.Thread(target=delivery.deliver_forever, daemon=True).start()
    threading.Thread(target=clocks.live_forever, daemon=True).start()


_prepare()
application = get_wsgi_application()
