"""The local stand-in for Stripe, where the environment names no key of a real account."""

import hashlib
import os
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from config.up.children import Child, Stage
from config.up.options import UpOptions
from config.up.state import Keys

WEBHOOK_PATH = "/stripe/webhook/"


@dataclass(frozen=True)
class LocalStripe:
    """root: the checkout. Its secrets follow from the installation's own key, so that they outlive every start."""

    root: Path
    state: Path
    port: int
    keys: Keys
    options: UpOptions
    durable: bool = True

    def environment(self) -> dict[str, str]:
        """What the product finds it by."""
        return {
            "STRIPE_SECRET_KEY": f"sk_test_devstripe_{self._secret('key')}",
            "STRIPE_API_BASE": f"http://127.0.0.1:{self.port}",
            "STRIPE_WEBHOOK_SECRET": f"whsec_{self._secret('webhooks')}",
            "GUANXI_TEST_CLOCKS": os.environ.get("GUANXI_TEST_CLOCKS", "1"),
        }

    def child(self, base_domain: str) -> Child:
        """base_domain: under which the web server knows itself, with its port."""
        host = "127.0.0.1" if self.options.host in ("0.0.0.0", "::", "") else self.options.host
        place = f"[{host}]" if ":" in host else host
        found = self.environment()
        return Child(
            name="payments",
            stage=Stage.CACHE,
            command=(sys.executable, "-m", "billing.devstripe"),
            environment={
                "PATH": os.environ.get("PATH", ""),
                "PYTHONPATH": str(self.root),
                "PYTHONUNBUFFERED": "1",
                "DEVSTRIPE_PORT": str(self.port),
                "DEVSTRIPE_DATABASE": str(self.state / "payments" / "devstripe.sqlite3"),
                "DEVSTRIPE_SYNC": "on" if self.durable else "off",
                "DEVSTRIPE_SECRET_KEY": found["STRIPE_SECRET_KEY"],
                "DEVSTRIPE_WEBHOOK_SECRET": found["STRIPE_WEBHOOK_SECRET"],
                "DEVSTRIPE_WEBHOOK_URL": f"http://{place}:{self.options.port}{WEBHOOK_PATH}"
                if self.durable
                else "",
                "DEVSTRIPE_WEBHOOK_HOST": base_domain,
            },
            folder=self.state / "payments",
        )

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/devstripe.css", timeout=2) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def _secret(self, purpose: str) -> str:
        return hashlib.sha256(f"payments:{purpose}:{self.keys.secret_key}".encode()).hexdigest()[:40]
