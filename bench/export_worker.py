"""Exports in a process of its own, whose memory is nothing else's.

python -m bench.export_worker SCHEMA
"""

import json
import sys

import django


def main(schema: str) -> None:
    django.setup()
    from bench.exporting import measure_here

    print(json.dumps(measure_here(schema)))


if __name__ == "__main__":
    main(sys.argv[1])
