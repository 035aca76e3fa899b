"""The roles that every workspace has from the start. No database."""

from collections.abc import Mapping

from core.records.rights import ANY_TYPE, Scope, Verb

Scopes = dict[str, dict[str, str]]


def _row(see: Scope, write: Scope = Scope.NONE, **more: Scope) -> dict[str, str]:
    """write: of edit, delete, assign and mass edit; creating follows from it. more: what differs."""
    row = {
        Verb.SEE: see,
        Verb.CREATE: Scope.NONE if write == Scope.NONE else Scope.ALL,
        Verb.EDIT: write,
        Verb.DELETE: write,
        Verb.ASSIGN: write,
        Verb.MASS_EDIT: write,
        Verb.EXPORT: see,
        **{Verb(name): scope for name, scope in more.items()},
    }
    return {str(verb): str(scope) for verb, scope in row.items()}


_SEEN = _row(Scope.ALL)
# Who may change what is theirs may also add notes, calls and files to the others' records.
_FOLLOWED = _row(Scope.ALL, edit=Scope.OWN)
_OWN_TASKS = _row(Scope.OWN, Scope.OWN)

READY_SCOPES: Mapping[str, Scopes] = {
    # What everybody could do before there were roles, and what small firms keep: all but importing.
    "member": {ANY_TYPE: _row(Scope.ALL, Scope.ALL)},
    "executive": {ANY_TYPE: _FOLLOWED, "product": _SEEN, "task": _row(Scope.ALL, Scope.OWN)},
    "sales_manager": {
        ANY_TYPE: _row(Scope.BELOW, Scope.BELOW),
        "product": _SEEN,
    },
    "account_manager": {ANY_TYPE: _row(Scope.OWN, Scope.OWN), "product": _SEEN},
    "marketing": {
        ANY_TYPE: _FOLLOWED,
        "account": _row(Scope.ALL, Scope.ALL, delete=Scope.OWN, assign=Scope.NONE),
        "contact": _row(Scope.ALL, Scope.ALL, delete=Scope.OWN, assign=Scope.NONE),
        "task": _OWN_TASKS,
    },
    "service": {
        ANY_TYPE: _FOLLOWED,
        "contact": _row(Scope.ALL, Scope.ALL, delete=Scope.NONE, assign=Scope.NONE, mass_edit=Scope.NONE),
        "opportunity": _row(Scope.NONE),
        "task": _row(Scope.TEAM, Scope.TEAM),
    },
    "read_only": {ANY_TYPE: _row(Scope.ALL, export=Scope.NONE)},
}
DEFAULT_ROLE = "member"
