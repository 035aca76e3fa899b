#!/usr/bin/env python3
"""The one entrance: `up`, `test`, and every management command of the product.

Run with any Python 3.11+; the virtual environment is made and entered on the way.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
# platform/ is a source root, not a package: a package of that name would hide the standard library's.
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]


def main() -> None:
    from config.up.entrance import enter

    enter(ROOT, sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
