"""Who acts, and in which batch: one signed context per transaction.

    with acting(user.id, via="request", ref=request_id):     # once, in the middleware or task
        with change(label=_("Change stage")) as entry:       # in the service: atomic + context
            ...
        offer_undo(entry.batch)

Anyone who can send SQL can SET a variable, so the context carries an HMAC; the trigger's owner alone
can check it. What is not signed is recorded all the same, as unsigned and with no actor.
"""

import contextlib
import contextvars
import hmac
import json
import secrets
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from core.history.install import signing_key
from core.ids import uuid7
from core.tenancy.scope import current

Via = Literal["request", "job", "api", "token", "automation", "mail", "upgrade"]

# Between signing and the start of the transaction; long enough for clocks that differ.
_VALID_SECONDS = 300
_LABEL_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Actor:
    """id: the person, None for the product itself. behalf: whose rights were used. ref: request or job id."""

    id: uuid.UUID | None
    via: Via
    ref: str = ""
    behalf: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What `change` opened. batch is what undo takes."""

    actor: Actor
    batch: uuid.UUID
    label: str = ""
    undo_of: uuid.UUID | None = None


_acting: contextvars.ContextVar[Actor | None] = contextvars.ContextVar("history_acting", default=None)
_entry: contextvars.ContextVar[Entry | None] = contextvars.ContextVar("history_entry", default=None)


@contextlib.contextmanager
def acting(
    actor_id: uuid.UUID | None, via: Via, ref: str = "", behalf: uuid.UUID | None = None
) -> Iterator[Actor]:
    """Say who acts in this block (a request, a job). Sends no SQL: `change` signs it."""
    actor = Actor(actor_id, via, ref, behalf)
    token = _acting.set(actor)
    try:
        yield actor
    finally:
        _acting.reset(token)


@contextlib.contextmanager
def change(
    label: str = "",
    *,
    by: Any = None,
    via: Via | None = None,
    batch: uuid.UUID | None = None,
    undo_of: uuid.UUID | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> Iterator[Entry]:
    """A transaction whose changes are recorded under one signed context.

    label: what the person did, as the history shows it. by: a user (or its id) instead of the one of
    `acting`. batch: give the same id to every transaction of one action (chunks of an import); without
    it the transaction is a batch of its own. A change inside a change belongs to the outer one.
    """
    outer = _entry.get()
    if outer is not None:
        with transaction.atomic(using=using):
            yield outer
        return
    entry = Entry(_actor(by, via), batch or uuid7(), label, undo_of)
    token = _entry.set(entry)
    try:
        with transaction.atomic(using=using):
            open_transaction_context(using=using)
            yield entry
            _close_transaction_context(using)
    finally:
        _entry.reset(token)


def open_transaction_context(using: str = DEFAULT_DB_ALIAS) -> None:
    """Sign the transaction at hand; `change` does it for you.

    For code that must own its `atomic`: call it first inside. Takes the entry of `change`, else makes
    one from `acting`; with neither, the transaction stays unsigned.
    """
    entry = _entry.get()
    actor = _acting.get()
    if entry is None and actor is not None:
        entry = Entry(actor, uuid7())
    if entry is None:
        return
    _set_context(using, signed_context(entry, current().schema))


def signed_context(entry: Entry, schema: str) -> str:
    """64 hexadecimal digits of HMAC-SHA256, then the JSON they sign. Good for one transaction."""
    claims = {
        "schema": schema,
        "actor": entry.actor.id and str(entry.actor.id),
        "behalf": entry.actor.behalf and str(entry.actor.behalf),
        "via": entry.actor.via,
        "ref": _clean(entry.actor.ref),
        "batch": str(entry.batch),
        "undo_of": entry.undo_of and str(entry.undo_of),
        "label": _clean(entry.label),
        "expires": int(time.time()) + _VALID_SECONDS,
        "nonce": secrets.token_hex(16),
    }
    text = json.dumps({name: value for name, value in claims.items() if value}, separators=(",", ":"))
    return hmac.new(signing_key(settings.HISTORY_KEY), text.encode(), sha256).hexdigest() + text


def _close_transaction_context(using: str) -> None:
    # Inside an outer atomic (a test, a caller's own) the transaction goes on: what follows is not ours.
    if len(connections[using].savepoint_ids) > 0:
        _set_context(using, "")


def _set_context(using: str, text: str) -> None:
    # SET, not set_config(): the tenant's role has no right to call that function.
    with connections[using].cursor() as cursor:
        cursor.execute("SET LOCAL history.context = %s", [text])


def _actor(by: Any, via: Via | None) -> Actor:
    ambient = _acting.get()
    if by is None and via is None and ambient is not None:
        return ambient
    ambient = ambient or Actor(None, "job")
    actor_id = ambient.id if by is None else getattr(by, "pk", by)
    return Actor(actor_id, via or ambient.via, ambient.ref, ambient.behalf)


def _clean(text: str) -> str:
    """Text that JSON in PostgreSQL accepts: no NUL, no lone surrogate (file names may hold both)."""
    return str(text).encode("utf-8", "replace").decode().replace("\0", "")[:_LABEL_LENGTH]
