"""A hand-over whose worker is killed again and again gives every record once, and one undo takes all of it back."""

import datetime as dt
import random
import subprocess
import time
from collections import Counter
from typing import Any

from core.clock import now
from core.history.models import Change
from core.history.undo import undo
from core.records.text import sort_key
from core.records.types import record_type
from crm.accounts.models import Account, Contact
from tenants.people.leaving.rules import Rule, Wish
from tenants.people.leaving.services import let_go, resume_still
from tenants.people.models import HandOver, HandOverLine, HandOverState, Team, User
from tests.faults.killing import quiet_broker  # noqa: F401
from tests.waiting import wait_until
from tests.working import real_worker

ACCOUNTS, CONTACTS = 6_000, 24_000
KILLS = 4
SEED = 20261125


def _own(leaver: User) -> None:
    accounts = [
        Account(name=f"Firm {n}", name_key=sort_key(f"Firm {n}"), owner=leaver) for n in range(ACCOUNTS)
    ]
    Account.objects.bulk_create(accounts, batch_size=2_000)
    contacts = [
        Contact(
            name=f"Person {n}", name_key=sort_key(f"Person {n}"), owner=leaver, account=accounts[n % ACCOUNTS]
        )
        for n in range(CONTACTS)
    ]
    Contact.objects.bulk_create(contacts, batch_size=2_000)


def _work_for(process: subprocess.Popen[bytes], job: HandOver, seconds: float) -> bool:
    """Let the worker begin a step more, and some way into the next one. Whether it is killed at work."""
    before = HandOver.objects.get(pk=job.pk).done
    deadline = time.monotonic() + 60
    while HandOver.objects.get(pk=job.pk).done == before and time.monotonic() < deadline:
        time.sleep(0.005)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        pass
    return HandOver.objects.get(pk=job.pk).state == HandOverState.RUNNING


def test_a_killed_hand_over_gives_each_record_once(live_workspace, quiet_broker, tmp_path):  # noqa: F811
    dice, log = random.Random(SEED), tmp_path / "worker.log"
    with live_workspace.scope():
        team = Team.objects.create(name="North")
        people = [
            User.objects.create_user(f"p{n}@live.example", None, name=f"P {n}", team=team) for n in range(3)
        ]
        leaver = User.objects.create_user("l@live.example", None, name="Leaver")
        _own(leaver)
        wish = Wish(Rule.TURNS, live_workspace.owner.pk, team.pk)
        job: Any = let_go(leaver, wish=wish, by=live_workspace.owner)
        assert job.state == HandOverState.RUNNING
        killed = 0
        for _number in range(KILLS):
            with real_worker(log) as process:
                killed += _work_for(process, job, dice.uniform(0.0, 0.2))
            HandOver.objects.filter(pk=job.pk).update(moved_at=now() - dt.timedelta(minutes=5))
            resume_still()
        assert killed > 0
        with real_worker(log):
            wait_until(
                lambda: HandOver.objects.get(pk=job.pk).state == HandOverState.DONE, f"it ends: {log}", 120
            )
        job.refresh_from_db()
        assert job.given == {str(each.pk): (ACCOUNTS + CONTACTS) // 3 for each in people}
        assert job.done == job.total == ACCOUNTS + CONTACTS
        assert not HandOverLine.objects.exists()
        _check_once(job, people)

        User.objects.filter(pk=leaver.pk).update(is_active=True)
        undo(job.batch, by=live_workspace.owner)
        assert set(Account.objects.values_list("owner_id", flat=True)) == {leaver.pk}
        assert set(Contact.objects.values_list("owner_id", flat=True)) == {leaver.pk}


def _check_once(job: HandOver, people: list[User]) -> None:
    owners = dict(Account.objects.values_list("pk", "owner_id"))
    assert Counter(owners.values()) == {each.pk: ACCOUNTS // 3 for each in people}
    follow = Contact.objects.values_list("account_id", "owner_id")
    assert all(owners[account] == owner for account, owner in follow)
    for model, count in ((Account, ACCOUNTS), (Contact, CONTACTS)):
        changes = Change.objects.filter(tx__batch=job.batch, relation=model._meta.db_table, op="U")
        assert (changes.count(), changes.values("record_id").distinct().count()) == (count, count)
    assert record_type("contact").anchors == ("account_id",)
