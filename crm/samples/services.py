"""A year of a small firm's work, relative to today, put into a workspace and taken out again."""

import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext as _

from core.clock import now, start_of_day, today
from core.errors import DomainError
from core.history.context import change
from core.history.undo import UndoReport, undo
from core.records.numbering import number_written
from core.records.search import index_records
from core.records.text import sort_key
from core.records.types import record_types
from core.tenancy.scope import current_snapshot
from crm.accounts.models import Account, Contact, Influence, LifecycleStage
from crm.activities.models import Activity, Kind, Task
from crm.customize.models import PicklistItem
from crm.opportunities.models import Opportunity, Outcome, Stage
from crm.opportunities.selectors.opportunities import first_pipeline
from crm.products.models import Product
from crm.samples.rules.firm import Firm
from crm.samples.rules.trades import firm_of
from tenants.people.models import User, WorkspaceSetting
from tenants.people.workspace_settings import setting

SETTING = "samples"
_SEED = 20
_DAYS = 365
_OPPORTUNITIES = 90


def samples_batch() -> UUID | None:
    """The batch of history that the sample data came in; None when there is none."""
    setting = WorkspaceSetting.objects.filter(key=SETTING).first()
    return UUID(setting.value["batch"]) if setting and setting.value.get("batch") else None


def add_samples(*, by: User) -> int:
    """Fill the workspace; returns how many records were made. Raises DomainError when it was done before."""
    if samples_batch() is not None:
        raise DomainError(_("The sample data is already here."))
    with change(label=_("Added sample data"), by=by) as entry:
        made = _Year(firm_of(str(setting("trade", "")), current_snapshot().language), by).make()
        WorkspaceSetting.objects.update_or_create(
            key=SETTING, defaults={"value": {"batch": str(entry.batch)}}
        )
        for kind in record_types():
            number_written(kind, entry.batch)
    for kind in record_types():
        ids = [record.pk for record in made if type(record) is kind.model]
        if ids:
            index_records(kind, ids)
    return len(made)


def remove_samples(*, by: User) -> UndoReport:
    """Take out all that came with the samples; what somebody changed since stays and is listed."""
    batch = samples_batch()
    if batch is None:
        raise DomainError(_("There is no sample data here."))
    with change(label=_("Removed sample data"), by=by):
        report = undo(batch, by=by, label=_("Removed sample data"))
        WorkspaceSetting.objects.filter(key=SETTING).delete()
    for kind in record_types():
        if ids := report.touched.get(kind.table):
            index_records(kind, ids)
    return report


class _Year:
    """Makes the records; the same ones every time, moved to the present day."""

    def __init__(self, firm: Firm, owner: User) -> None:
        self.firm, self.owner = firm, owner
        self.random = random.Random(_SEED)
        self.today = today()
        self.made: list[Model] = []

    def make(self) -> list[Model]:
        self.people = [self.owner, *self._people()]
        self.products = self._save(
            Product(name=name, name_key=sort_key(name), code=code, series=series, list_price=Decimal(price))
            for name, code, series, price in self.firm.products
        )
        self.accounts = self._accounts()
        self.contacts = self._contacts()
        self.opportunities = self._opportunities()
        self._activities()
        self._tasks()
        return self.made

    def _save(self, records: Any) -> list[Any]:
        found = list(records)
        if found:
            type(found[0])._base_manager.bulk_create(found)
        self.made.extend(found)
        return found

    def _people(self) -> list[User]:
        """Placeholders: they take no seat and can be invited later."""
        return self._save(
            User(name=name, name_key=sort_key(name), job_title=title, is_placeholder=True, password="!")
            for name, title in self.firm.people
        )

    def _accounts(self) -> list[Account]:
        trades = {item.label: item for item in PicklistItem.objects.filter(picklist="trade")}
        others = {
            name: list(PicklistItem.objects.filter(picklist=name)) for name in ("tier", "region", "source")
        }
        accounts = []
        for number, (name, city, trade) in enumerate(self.firm.accounts):
            accounts.append(
                Account(
                    name=name,
                    name_key=sort_key(name),
                    city=city,
                    trade=trades.get(trade),
                    stage=LifecycleStage.CUSTOMER if number % 3 else LifecycleStage.PROSPECT,
                    owner=self._one_of(self.people),
                    employees=self.random.randint(4, 240),
                    created_by=self.owner,
                    phone=f"+44 113 496 0{100 + number}"
                    if not self.firm.family_first
                    else f"0574-8731 2{100 + number}",
                    **{key: self._one_of(items) for key, items in others.items() if items},
                )
            )
        return self._save(accounts)

    def _contacts(self) -> list[Contact]:
        contacts = []
        for number, account in enumerate(self.accounts):
            for place in range(1 + number % 3):
                first = self.firm.first_names[(number * 3 + place) % len(self.firm.first_names)]
                last = self.firm.last_names[(number * 5 + place * 2) % len(self.firm.last_names)]
                name = self.firm.contact_name(first, last)
                contacts.append(
                    Contact(
                        name=name,
                        name_key=sort_key(name),
                        account=account,
                        job_title=self.firm.job_titles[(number + place) % len(self.firm.job_titles)],
                        role=Influence.DECIDES if place == 0 else Influence.INFLUENCES,
                        mail=f"contact{number}.{place}@{account.pk.hex[-6:]}.example",
                        birthday=self.today.replace(year=1970 + number, day=1)
                        + dt.timedelta(days=(number * 13 + place * 5) % 300),
                        owner=account.owner,
                        created_by=self.owner,
                    )
                )
        return self._save(contacts)

    def _opportunities(self) -> list[Opportunity]:
        pipeline = first_pipeline()
        stages = list(pipeline.stages.all()) if pipeline else []
        if not stages:
            return []
        return self._save(self._opportunity(number, stages) for number in range(_OPPORTUNITIES))

    def _opportunity(self, number: int, stages: Sequence[Stage]) -> Opportunity:
        opened = self.today - dt.timedelta(days=_DAYS - number * _DAYS // _OPPORTUNITIES)
        account = self.accounts[number % len(self.accounts)]
        age = (self.today - opened).days
        closed_after = self.random.randint(20, 80)
        open_stages = [stage for stage in stages if stage.outcome == Outcome.OPEN]
        if age > closed_after and number % 7:
            outcome = Outcome.WON if self.random.random() < 0.6 else Outcome.LOST
            stage = next(stage for stage in stages if stage.outcome == outcome)
        else:
            stage = open_stages[min(len(open_stages) - 1, age * len(open_stages) // 90)]
        closed = opened + dt.timedelta(days=closed_after) if stage.outcome != Outcome.OPEN else None
        name = self._one_of(self.firm.works)
        product = self._one_of(self.products)
        return Opportunity(
            name=name,
            name_key=sort_key(name),
            account=account,
            contact=next((each for each in self.contacts if each.account_id == account.pk), None),
            product=product,
            pipeline=stage.pipeline,
            stage=stage,
            outcome=stage.outcome,
            amount=product.list_price * self.random.randint(2, 9),
            opened_on=opened,
            closed_on=closed,
            expected_on=closed or self.today + dt.timedelta(days=self.random.randint(-6, 60)),
            owner=account.owner,
            created_by=self.owner,
            board_position=float(number),
            stage_since=start_of_day(min(self.today, opened + dt.timedelta(days=min(age, 15)))),
        )

    def _activities(self) -> None:
        kinds = ["call", "note", "call", "meeting", "visit"]
        activities = []
        for number, opportunity in enumerate(self.opportunities):
            end = opportunity.closed_on or self.today
            for place in range(1 + number % 3):
                day = end - dt.timedelta(days=place * 9 + number % 12)
                kind = kinds[(number + place) % len(kinds)]
                at = start_of_day(max(opportunity.opened_on, day)) + dt.timedelta(hours=9 + number % 8)
                activities.append(
                    Activity(
                        kind=kind,
                        target_type="opportunity",
                        target_id=opportunity.pk,
                        root_id=opportunity.account_id,
                        at=min(at, now()),
                        author=opportunity.owner,
                        created_by=opportunity.owner,
                        body=self._one_of(self.firm.notes[kind]),
                        minutes=self.random.choice([5, 8, 15, 30]) if kind != Kind.NOTE else None,
                    )
                )
        self._save(activities)
        self._touch(activities)

    def _touch(self, activities: list[Activity]) -> None:
        """When each account and opportunity was last heard of."""
        latest: dict[UUID, dt.datetime] = {}
        for activity in activities:
            for record_id in (activity.target_id, activity.root_id):
                if record_id is not None:
                    latest[record_id] = max(activity.at, latest.get(record_id, activity.at))
        for records in (self.accounts, self.opportunities):
            for record in records:
                record.last_activity_at = latest.get(record.pk)
            if records:
                type(records[0])._base_manager.bulk_update(records, ["last_activity_at"])

    def _tasks(self) -> None:
        still_open = [each for each in self.opportunities if each.outcome == Outcome.OPEN]
        kinds = [Kind.MAIL, Kind.CALL, Kind.TASK, Kind.MEETING]
        tasks = []
        for number, opportunity in enumerate(still_open[: 3 * len(still_open) // 4]):
            day = self.today + dt.timedelta(days=(number * 3) % 11 - 2)
            due_at = start_of_day(day) + dt.timedelta(hours=10 + number % 7) if number % 3 == 0 else None
            tasks.append(
                Task(
                    title=self.firm.steps[number % len(self.firm.steps)],
                    kind=kinds[number % len(kinds)],
                    owner=self.owner if number % 2 else opportunity.owner,
                    created_by=self.owner,
                    due_on=day,
                    due_at=due_at,
                    target_type="opportunity",
                    target_id=opportunity.pk,
                    root_id=opportunity.account_id,
                )
            )
        self._save(tasks)

    def _one_of(self, choices: Sequence[Any]) -> Any:
        return choices[self.random.randrange(len(choices))]
