"""Reading form bodies as the SDK writes them, and refusing what an endpoint does not know.

Source: docs.stripe.com/api (form-encoded bodies); the SDK's own encoder: `items[0][id]`, `expand[0]`, `created[gte]`.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

from billing.devstripe.errors import invalid

_PART = re.compile(r"\[([^\]]*)\]")
MOST_PARAMETERS = 1000
# Deeper than any parameter of the API; what is made to exhaust the reader ends here.
MOST_DEPTH = 10
_BOUNDS = {"gt": int, "gte": int, "lt": int, "lte": int}


class Metadata:
    """A mapping of free keys to texts; an empty text takes a key away. Its limits: docs.stripe.com/metadata."""


class Range:
    """A moment, or bounds of it: {gt, gte, lt, lte}, in seconds since 1970. Always answered as bounds."""


class Anything:
    """Taken as it comes."""


def read_form(text: str) -> dict[str, Any]:
    """'items[0][id]=x' → {'items': [{'id': 'x'}]}. Raises Refusal for what cannot be read."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="strict")
    except (ValueError, UnicodeDecodeError):
        raise invalid("The request body could not be read as form data.")
    tree: dict[str, Any] = {}
    for name, value in pairs:
        head, _, rest = name.partition("[")
        if not head:
            raise invalid("A parameter needs a name.")
        path = [head, *_PART.findall(f"[{rest}")] if rest else [head]
        if len(path) > MOST_DEPTH:
            raise invalid("A parameter is nested too deeply.", param=head[:40])
        _put(tree, path, value)
    return _lists(tree)


def _put(tree: dict[str, Any], path: list[str], value: str) -> None:
    node = tree
    for part in path[:-1]:
        key = part if part else str(len(node))
        below = node.setdefault(key, {})
        if not isinstance(below, dict):
            raise invalid(f"Invalid parameter: {path[0]}", param=path[0])
        node = below
    last = path[-1] if path[-1] else str(len(node))
    node[last] = value


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(key.isdecimal() and len(key) < 5 for key in node):
        return [_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _lists(value) for key, value in node.items()}


def check(given: dict[str, Any], spec: dict[str, Any], path: str = "") -> dict[str, Any]:
    """The parameters in their types. Raises Refusal with the parameter's path.

    spec: name → str, int, float, bool, Metadata, Anything, a nested spec, [spec] for a list, or a tuple of allowed
    texts. An empty text clears, and is kept as ''.
    """
    values: dict[str, Any] = {}
    for name, value in given.items():
        where = f"{path}[{name}]" if path else name
        if name not in spec:
            raise invalid(f"Received unknown parameter: {where}", param=where, code="parameter_unknown")
        values[name] = _typed(value, spec[name], where)
    return values


def _typed(value: Any, kind: Any, where: str) -> Any:
    if value == "" and kind is not str:
        return ""
    if kind is Anything:
        return value
    if kind is Metadata:
        return _metadata(value, where)
    if kind is Range:
        if isinstance(value, str):
            exact = _plain(value, int, where)
            return {"gte": exact, "lte": exact}
        kind = _BOUNDS
    if isinstance(kind, dict):
        if not isinstance(value, dict):
            raise invalid("Invalid object", param=where)
        return check(value, kind, where)
    if isinstance(kind, list):
        if not isinstance(value, list):
            raise invalid("Invalid array", param=where)
        for number, each in enumerate(value):
            if each == "" and kind[0] is not str:
                raise invalid("Invalid object", param=f"{where}[{number}]")
        return [_typed(each, kind[0], f"{where}[{number}]") for number, each in enumerate(value)]
    return _plain(value, kind, where)


def _metadata(value: Any, where: str) -> dict[str, str]:
    if isinstance(value, list):  # keys that are numbers
        value = {str(number): text for number, text in enumerate(value)}
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise invalid("Metadata must be a hash of texts.", param=where)
    if len(value) > 50:
        raise invalid("Metadata can have up to 50 keys.", param=where)
    for key, text in value.items():
        if len(key) > 40 or len(text) > 500:
            raise invalid(
                "Metadata keys have up to 40 characters, values up to 500.", param=f"{where}[{key[:40]}]"
            )
    return value


def _plain(value: Any, kind: Any, where: str) -> Any:
    if not isinstance(value, str):
        raise invalid("Invalid string", param=where)
    if isinstance(kind, tuple):
        if value not in kind:
            raise invalid(f"Invalid {where}: must be one of {', '.join(kind)}", param=where)
        return value
    if kind is bool:
        if value not in ("true", "false"):
            raise invalid(f"Invalid boolean: {value}", param=where)
        return value == "true"
    if kind is int:
        if not re.fullmatch(r"-?\d{1,18}", value):
            raise invalid(f"Invalid integer: {value}", param=where, code="parameter_invalid_integer")
        return int(value)
    if kind is float:
        if not re.fullmatch(r"-?\d{1,12}(\.\d{1,12})?", value):
            raise invalid(f"Invalid decimal: {value}", param=where)
        return float(value)
    if len(value) > 5000:
        raise invalid("Invalid string: too long", param=where)
    return value


def need(values: dict[str, Any], *names: str) -> None:
    """Raises Refusal parameter_missing for the first that is not there."""
    for name in names:
        if values.get(name) in (None, ""):
            raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
