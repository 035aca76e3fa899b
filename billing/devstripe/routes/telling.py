"""Events, where they go, and test clocks."""

from typing import Any

from billing.devstripe import clocks, endpoints, events
from billing.devstripe.api import page, route
from billing.devstripe.models import Account
from billing.devstripe.routes.common import PAGE, act, change, create, resource
from billing.devstripe.store import get

create("webhook_endpoints", endpoints.ENDPOINT, endpoints.create_endpoint)
change("webhook_endpoints/{object_id}", endpoints.UPDATE, endpoints.update_endpoint)
act("DELETE", "webhook_endpoints/{object_id}", endpoints.delete_endpoint)
resource("webhook_endpoints", "webhook_endpoint")
create("test_helpers/test_clocks", clocks.CLOCK, clocks.create_clock)
change("test_helpers/test_clocks/{object_id}/advance", clocks.ADVANCE, clocks.advance)
act("DELETE", "test_helpers/test_clocks/{object_id}", clocks.delete_clock)
resource("test_helpers/test_clocks", "test_helpers.test_clock")


@route("GET", "events", {**PAGE, "delivery_success": bool, "types": [str], "type": str})
def list_events(account: Account, given: dict[str, Any]) -> Any:
    found = events.all_events(account, delivered=given.get("delivery_success"))
    kinds = given.get("types") or ([given["type"]] if given.get("type") else [])
    if kinds:
        found = [event for event in found if events.is_one_of(event["type"], kinds)]
    answer = page(given, "/v1/events", found)
    return {**answer, "data": events.with_pending(account, answer["data"])}


@route("GET", "events/{object_id}")
def read_event(account: Account, given: dict[str, Any], object_id: str) -> Any:
    return events.with_pending(account, [get(account, "event", object_id)])[0]
