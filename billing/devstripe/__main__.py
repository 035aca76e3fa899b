"""`python -m billing.devstripe`: the stand-in on 127.0.0.1, at DEVSTRIPE_PORT."""

import os
import sys


def main() -> None:
    if not os.environ.get("DEVSTRIPE_DATABASE"):
        sys.exit("DEVSTRIPE_DATABASE must name the file that the stand-in keeps its state in.")
    port = os.environ.get("DEVSTRIPE_PORT", "12111")
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port),
        # One process: its lock is what keeps requests apart.
        *("--workers", "1", "--blocking-threads", "8", "--no-ws", "--log-level", "warning"),
        "billing.devstripe.wsgi:application",
    ]
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main()
