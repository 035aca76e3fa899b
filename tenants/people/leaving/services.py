"""Handing over: planned once, written in steps, each a transaction that takes the lines it has written with it.

A step holds the hand-over's row, so that two workers take turns, and one that was killed has left either a whole step
or none. All steps are one batch of history.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import Conflict, DomainError
from core.history.context import change
from core.outbox.sending import send_on_commit
from core.records.models import SavedView, SearchDocument
from core.records.types import record_type
from core.tenancy.hints import Hints
from tenants.people.leaving.owned import owned_kinds, owns_anything, receivers_beside, records_of
from tenants.people.leaving.planning import plan_hand_over
from tenants.people.leaving.rules import AS_ALL, FOLLOW, Rule, Wish
from tenants.people.membership import end_access
from tenants.people.models import (
    HandOver,
    HandOverLine,
    HandOverState,
    SalesTerritory,
    Team,
    TerritoryMember,
    User,
)
from tenants.people.rights import require_administrator

STEP_LINES = 2_000
AT_ONCE = 1_000
"""As many records change hands while somebody waits for the page; more are a task's work."""
STILL = dt.timedelta(seconds=60)
"""A running hand-over that has not moved for so long has lost its worker."""
HINTS = Hints("hand_over", seconds=(3600, 7200))


def hand_over(person: User, *, wish: Wish, by: User) -> HandOver:
    """What the person owns goes to others; the person stays. Raises NotAllowed, DomainError, Conflict."""
    require_administrator(by)
    with change(label=_("Began handing over what %(name)s owns") % {"name": person.name}, by=by):
        started = _begin(person, wish, by=by, leaving=False)
    return _go_on_now(started)


def let_go(person: User, *, wish: Wish | None, by: User) -> HandOver | None:
    """Take the person's access away at once, and hand over what they own. None: there was nothing.

    wish: None only for somebody who owns nothing. Raises NotAllowed, DomainError, Conflict.
    """
    with change(label=_("Deactivated %(name)s") % {"name": person.name}, by=by):
        _refuse_receiver(person)
        end_access(person, by=by)
        if wish is None:
            refuse_orphans(person)
            give_up_duties(person, to=by)
            return None
        started = _begin(person, wish, by=by, leaving=True)
    return _go_on_now(started)


def _refuse_receiver(person: User) -> None:
    running = HandOver.objects.filter(state=HandOverState.RUNNING)
    named = any(
        str(person.pk) in (each.wish["to"], *each.wish["by_type"].values()) for each in running.iterator()
    )
    if named or HandOverLine.objects.filter(receiver_id=person.pk).exists():
        message = _("%(name)s is being given records right now. Wait until that is done.")
        raise Conflict(message % _named(person))


def refuse_orphans(person: User) -> None:
    """Raises DomainError when somebody who cannot sign in would go on owning records."""
    if owns_anything(person):
        message = _("%(name)s owns records. Say who takes them over: no customer is left alone.")
        raise DomainError(message % _named(person), code="owns_records", fields={"to": _("Choose a person.")})


def check_wish(person: User, wish: Wish) -> None:
    """Raises DomainError when a receiver cannot take over, or the rule lacks what it stands on."""
    able = {str(pk) for pk in receivers_beside(person).values_list("pk", flat=True)}
    gone = _("Choose an active person other than %(name)s.") % _named(person)
    problems: dict[str, Any] = {}
    if str(wish.to) not in able:
        problems["to"] = gone
    for key, way in wish.by_type.items():
        if way not in (AS_ALL, FOLLOW) and way not in able:
            problems[f"type_{key}"] = gone
    if wish.rule == Rule.TURNS and not receivers_beside(person).filter(team_id=wish.team).exists():
        problems["team"] = _("Choose a team with active people.")
    if wish.rule == Rule.TURNS and wish.team is None:
        problems["team"] = _("Choose a team.")
    if problems:
        raise DomainError(next(iter(problems.values())), fields=problems)


def _begin(person: User, wish: Wish, *, by: User, leaving: bool) -> HandOver:
    check_wish(person, wish)
    # Held, so that of two who ask at once one sees the other's.
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if HandOver.objects.filter(person=person, state=HandOverState.RUNNING).exists():
        raise Conflict(_("What %(name)s owns is being handed over already.") % _named(person))
    started = HandOver.objects.create(
        person=person, leaving=leaving, wish=wish.as_json(), created_by=by, language=get_language() or "en"
    )
    HINTS.expect_work()
    if _is_much(person):
        send_on_commit("people.hand_over", str(started.pk))
    return started


def _go_on_now(started: HandOver) -> HandOver:
    if not _is_much(started.person):
        while take_step(started.pk):
            pass
    started.refresh_from_db()
    return started


def _is_much(person: User) -> bool:
    return sum(records_of(kind, person).count() for kind in owned_kinds()) > AT_ONCE


def take_step(hand_over_id: UUID) -> bool:
    """Some records more, in a transaction of its own. False when all is done, however often it is asked."""
    found = HandOver.objects.select_related("person").get(pk=hand_over_id)
    label = _("Handed over what %(name)s owns") % _named(found.person)
    with change(label=label, by=found.created_by_id, batch=found.batch, via="job"):
        held = HandOver.objects.select_for_update().get(pk=hand_over_id)
        if held.state != HandOverState.RUNNING:
            return False
        lines = list(held.lines.order_by("id")[:STEP_LINES])
        if lines:
            _write(held, lines)
        elif not ((held.leaving or not held.total) and _write_lines(held)):
            # Of somebody who is gone, what was made in their name meanwhile was looked for as well.
            _finish(held)
        held.moved_at = now()
        held.save(update_fields=["state", "done", "total", "given", "moved_at", "finished_at"])
    return held.state == HandOverState.RUNNING


def _write_lines(held: HandOver) -> int:
    """Plan, and keep what is planned. How many lines there are."""
    plan = plan_hand_over(held.person, Wish.from_json(held.wish))
    # Receiver by receiver: a step then takes one or two statements a type.
    ordered = sorted(plan.lines, key=lambda line: (line[0], line[2]))
    rows = [
        HandOverLine(hand_over=held, record_type=key, record_id=record_id, receiver_id=receiver)
        for key, record_id, receiver in ordered
    ]
    HandOverLine.objects.bulk_create(rows, batch_size=5_000)
    HandOver.objects.filter(pk=held.pk).update(total=held.total + len(rows))
    held.total += len(rows)
    return len(rows)


def _write(held: HandOver, lines: list[HandOverLine]) -> None:
    teams = dict(
        User.objects.filter(pk__in={line.receiver_id for line in lines}).values_list("pk", "team_id")
    )
    given = Counter(held.given)
    for (key, receiver), some in groupby(lines, attrgetter("record_type", "receiver_id")):
        ids = [line.record_id for line in some]
        given[str(receiver)] += _give(held.person, key, ids, receiver, teams.get(receiver))
    HandOverLine.objects.filter(pk__in=[line.pk for line in lines]).delete()
    held.given, held.done = dict(given), held.done + len(lines)


def _give(person: User, key: str, ids: list[UUID], receiver: UUID, team: UUID | None) -> int:
    """Only what is still the leaver's: what somebody assigned meanwhile stays as they wanted it."""
    kind = record_type(key)
    values: dict[str, Any] = {f"{kind.owner}_id": receiver, "updated_at": now()}
    if kind.team:
        values[f"{kind.team}_id"] = team
    written = records_of(kind, person).filter(pk__in=ids).update(**values)
    kind.derive_many(ids)
    documents = SearchDocument.objects.filter(pk__in=ids, owner_id=person.pk)
    documents.update(owner_id=receiver, **({"team_id": team} if kind.team else {}))
    return written


def _finish(held: HandOver) -> None:
    held.state, held.finished_at = HandOverState.DONE, now()
    if held.leaving:
        give_up_duties(held.person, to=User.objects.get(pk=Wish.from_json(held.wish).to))
    for told in _when_done:
        told(held)


def give_up_duties(person: User, *, to: User) -> None:
    """What else hangs on the person. Their own views, and what they wrote, stay theirs."""
    Team.objects.filter(leader=person).update(leader=to, updated_at=now())
    User.objects.filter(manager=person).exclude(pk=to.pk).update(manager=to, updated_at=now())
    User.objects.filter(pk=to.pk, manager=person).update(manager=person.manager, updated_at=now())
    SavedView.objects.filter(owner=person, shared=True).update(owner=to, updated_at=now())
    theirs = SalesTerritory.objects.filter(memberships__person=person)
    alone = [each for each in theirs if not each.memberships.exclude(person=person).exists()]
    TerritoryMember.objects.filter(person=person).delete()
    for territory in alone:
        TerritoryMember.objects.create(territory=territory, person=to)


WhenDone = Callable[[HandOver], None]
_when_done: list[WhenDone] = []


def call_when_handed_over(function: WhenDone) -> None:
    """function(hand-over) runs inside its last transaction; config ties rooms above to it."""
    if function not in _when_done:
        _when_done.append(function)


def resume_still() -> int:
    """Send those again whose worker was lost. A second run finds that they have moved, or sends them once more."""
    running = HandOver.objects.filter(state=HandOverState.RUNNING)
    lost = list(running.filter(moved_at__lt=now() - STILL))
    for each in lost:
        send_on_commit("people.hand_over", str(each.pk))
    if not running.exists():
        HINTS.set(None)
        if running.exists():  # begun between the look and the hint
            HINTS.forget()
    return len(lost)


def _named(person: User) -> dict[str, str]:
    return {"name": person.name}
