"""The WSGI application of the stand-in, and its two threads: what is due, and what is to be delivered."""

import os
import threading
import time

import django
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "billing.devstripe.settings"
django.setup()


def _prepare() -> None:
    """The tables, and the installation's own endpoint with the secret that it was told."""
    from billing.devstripe import clocks, events
    from billing.devstripe.models import Account
    from billing.devstripe.store import LOCK, all_of, put, shape

    call_command("migrate", run_syncdb=True, verbosity=0)
    key, url = os.environ.get("DEVSTRIPE_SECRET_KEY", ""), os.environ.get("DEVSTRIPE_WEBHOOK_URL", "")
    if key and url:
        with LOCK:
            account, _made = Account.objects.get_or_create(key=key)
            known = all_of(account, "webhook_endpoint")
            endpoint = known[0] if known else shape("webhook_endpoint", created=int(time.time()), metadata={})
            endpoint.update(url=url, enabled_events=["*"], status="enabled")
            endpoint["_secret"] = os.environ.get("DEVSTRIPE_WEBHOOK_SECRET", "")
            put(account, endpoint)
    host = os.environ.get("DEVSTRIPE_WEBHOOK_HOST", "")
    threading.Thread(target=events.deliver_forever, args=(host,), daemon=True).start()
    threading.Thread(target=clocks.live_forever, daemon=True).start()


_prepare()
application = get_wsgi_application()
