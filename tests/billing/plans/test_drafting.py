"""Drafts become versions, each seen before it is published; what was sold before is kept."""

from dataclasses import replace

import pytest

from billing.plans.drafting import (
    discard_draft,
    draft_version,
    make_add_on,
    make_plan,
    offer_plan,
    publish_draft,
    set_add_on_prices,
)
from billing.plans.models import AddOn, Plan
from billing.plans.rules import Change, Content, differences
from billing.plans.selectors import (
    NotForSale,
    add_on_price,
    content_of,
    current_version,
    draft_of,
    offered_versions,
    sale_currencies,
    version_of,
)
from billing.plans.services import make_first_catalog, publish_version
from core.errors import Conflict, DomainError
from core.tenancy.scope import public_scope

pytestmark = pytest.mark.django_db
FIRST = Content(2, 5, {"records": 1000}, ["api"], {("USD", "month"): (1200, 600)})


@pytest.fixture(autouse=True)
def _public(db):
    with public_scope(switch=True, reason="test"):
        make_first_catalog()
        yield


@pytest.fixture
def growth() -> Plan:
    return Plan.objects.get(pk="growth")


def test_differences_of_a_worked_example():
    """Seats 2 → 3, records 1,000 → no limit, the API goes, a month 12 → 14 dollars, and yen are new."""
    after = Content(
        3, 5, {"records": None}, [], {("USD", "month"): (1400, 600), ("JPY", "year"): (18000, 9000)}
    )
    assert differences(FIRST, after) == [
        Change("included_seats", "", 2, 3),
        Change("limit", "records", 1000, None),
        Change("feature", "api", True, False),
        Change("price", "JPY year base", None, 18000),
        Change("price", "JPY year seat", None, 9000),
        Change("price", "USD month base", 1200, 1400),
    ]
    assert differences(FIRST, FIRST) == []


def test_a_draft_is_offered_to_nobody_until_it_is_published(growth):
    content = replace(FIRST, prices={**FIRST.prices, ("CHF", "month"): (1500, 700)})
    draft = draft_version(plan=growth, content=content)
    assert current_version("growth").number == draft.number - 1
    assert "CHF" not in sale_currencies()
    assert draft not in offered_versions()
    with pytest.raises(NotForSale):
        version_of("growth", draft.number)
    assert publish_draft(draft_id=draft.pk) == current_version("growth")
    assert content_of(current_version("growth")) == content
    assert "CHF" in sale_currencies()


def test_what_was_shown_is_what_is_published(growth):
    """Drafted anew, discarded, or passed by another version: the button that somebody still sees does nothing."""
    seen = draft_version(plan=growth, content=FIRST)
    newer = draft_version(plan=growth, content=replace(FIRST, included_seats=4))
    with pytest.raises(Conflict):
        publish_draft(draft_id=seen.pk)
    discard_draft(plan=growth)
    with pytest.raises(Conflict):
        publish_draft(draft_id=newer.pk)
    passed = draft_version(plan=growth, content=FIRST)
    details = {name: getattr(FIRST, name) for name in ("included_seats", "max_seats", "limits", "features")}
    publish_version(plan=growth, prices=FIRST.prices, **details)
    with pytest.raises(Conflict):
        publish_draft(draft_id=passed.pk)
    again = draft_version(plan=growth, content=FIRST)
    publish_draft(draft_id=again.pk)
    with pytest.raises(Conflict):
        publish_draft(draft_id=again.pk)
    assert draft_of(growth) is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"max_seats": 1}, "max_seats"),
        ({"limits": {"seats": 3}}, "limits"),
        ({"limits": {"records": -1}}, "limits"),
        ({"features": ["nosuch"]}, "features"),
        ({"prices": {}}, "prices"),
        ({"prices": {("XXX", "month"): (1, 1)}}, "prices"),
        ({"prices": {("USD", "week"): (1, 1)}}, "prices"),
        ({"prices": {("USD", "month"): (-1, 1)}}, "prices"),
        ({"prices": {("USD", "month"): (100_000_000, 1)}}, "prices"),
        ({"prices": {("KWD", "month"): (1001, 0)}}, "prices"),
    ],
)
def test_what_cannot_be_sold_is_not_drafted(wrong, field, growth):
    with pytest.raises(DomainError) as refused:
        draft_version(plan=growth, content=replace(FIRST, **wrong))
    assert field in refused.value.fields
    assert draft_of(growth) is None


def test_a_plan_off_sale_is_kept_by_who_has_it_and_the_trials_plan_stays(growth):
    scale = offer_plan(plan=Plan.objects.get(pk="scale"), is_public=False)
    keys = [each.plan_id for each in offered_versions()]
    assert "scale" not in keys and "growth" in keys
    assert current_version("scale") in offered_versions(keep=current_version("scale"))
    assert offer_plan(plan=scale, is_public=True).is_public
    with pytest.raises(DomainError):
        offer_plan(plan=growth, is_public=False)


@pytest.mark.parametrize("key", ["", "a", "Big", "2big", "add-ons", "new", "x" * 31, "ä-b", "a b"])
def test_a_key_stands_in_addresses(key):
    with pytest.raises(DomainError) as refused:
        make_plan(key=key, name_en="Big", name_zh="大")
    assert "key" in refused.value.fields


def test_a_key_is_taken_once():
    made = make_plan(key="big", name_en=" Big ", name_zh="大")
    assert (made.name_en, made.position) == ("Big", 3)
    with pytest.raises(Conflict):
        make_plan(key="big", name_en="Big", name_zh="大")
    assert made.key not in [each.plan_id for each in offered_versions()]


def test_new_prices_of_an_add_on_leave_the_old_ones_to_who_booked_them():
    add_on = AddOn.objects.get(pk="records-50k")
    assert set_add_on_prices(add_on=add_on, prices={("USD", "month"): 1000}, seen=1) == 2
    assert add_on_price("records-50k", "USD", "month").unit_minor == 1000
    assert add_on_price("records-50k", "USD", "month", version=1).unit_minor == 900
    # What the newest version has no price for is not sold to anybody new.
    with pytest.raises(NotForSale):
        add_on_price("records-50k", "JPY", "month")
    assert add_on_price("records-50k", "JPY", "month", version=1).unit_minor == 1300
    with pytest.raises(Conflict):
        set_add_on_prices(add_on=add_on, prices={("USD", "month"): 1100}, seen=1)
    with pytest.raises(DomainError):
        set_add_on_prices(add_on=add_on, prices={}, seen=2)


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({}, "limit"),
        ({"limit": "records", "feature": "api", "amount": 5}, "limit"),
        ({"limit": "seats", "amount": 5}, "limit"),
        ({"limit": "records"}, "amount"),
        ({"feature": "nosuch"}, "feature"),
    ],
)
def test_an_add_on_brings_one_known_thing(details, field):
    with pytest.raises(DomainError) as refused:
        make_add_on(key="more", name_en="More", name_zh="更多", **details)
    assert field in refused.value.fields
    assert make_add_on(key="more", name_en="More", name_zh="更多", feature="api").amount == 0
