"""Runs under bench.stock_settings in a process of its own: makes tenants the stock way and prints milliseconds.

python -m bench.stock_worker COUNT…   each reached in turn, an upgrade that changes nothing measured at it
"""

import json
import sys
import time

import django


def main(counts: list[int]) -> None:
    django.setup()
    from django.core.management import call_command

    from tenants.registry.models import Tenant

    call_command("migrate_schemas", shared=True, verbosity=0, interactive=False)
    made: list[float] = []
    noops: dict[int, float] = {}
    for count in sorted(counts):
        for number in range(len(made), count):
            tenant = Tenant(schema_name=f"t_stock{number:04}", name="Stock")
            tenant.save()
            made.append(
                _milliseconds(lambda tenant=tenant: tenant.create_schema(sync_schema=True, verbosity=0))
            )
        noops[count] = _milliseconds(lambda: call_command("migrate_schemas", verbosity=0, interactive=False))
    print(json.dumps({"made": made, "noops": noops}))


def _milliseconds(call) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]])
