"""What most resources have: one is read, many are listed, and a function that does the rest."""

from typing import Any

from billing.devstripe.api import Handler, page, route
from billing.devstripe.models import Account
from billing.devstripe.params import Range
from billing.devstripe.store import all_of, get

PAGE = {"limit": int, "starting_after": str, "ending_before": str, "expand": [str], "created": Range}


def resource(path: str, kind: str, filters: dict[str, Any] | None = None, *, reads: bool = True) -> None:
    """Reading one, and listing many by fields of theirs."""
    wanted = filters or {}

    @route("GET", path, {**PAGE, **wanted})
    def list_them(account: Account, given: dict[str, Any]) -> Any:
        where = {name: value for name, value in given.items() if name in wanted}
        found = [each for each in all_of(account, kind, **where) if not each.get("deleted")]
        return page(given, f"/v1/{path}", found)

    if not reads:
        return

    @route("GET", f"{path}/{{object_id}}")
    def read_one(account: Account, given: dict[str, Any], object_id: str) -> Any:
        return get(account, kind, object_id)


def create(path: str, spec: dict[str, Any], function: Handler) -> None:
    """function(account, given). An empty text is as if it was not given: there is nothing to clear yet."""

    @route("POST", path, spec)
    def call(account: Account, given: dict[str, Any]) -> Any:
        return function(account, without_blanks(given))


def change(path: str, spec: dict[str, Any], function: Handler) -> None:
    """function(account, *ids of the path, given)."""

    @route("POST", path, spec)
    def call(account: Account, given: dict[str, Any], **ids: str) -> Any:
        return function(account, *ids.values(), given)


def act(method: str, path: str, function: Handler) -> None:
    """function(account, *ids of the path): without parameters."""

    @route(method, path)
    def call(account: Account, given: dict[str, Any], **ids: str) -> Any:
        return function(account, *ids.values())


def without_blanks(given: Any) -> Any:
    if isinstance(given, dict):
        return {name: without_blanks(value) for name, value in given.items() if value != ""}
    if isinstance(given, list):
        return [without_blanks(each) for each in given]
    return given
