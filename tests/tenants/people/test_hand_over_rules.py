"""Who gets what: the rules alone, without a database."""

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from tenants.people.leaving.rules import AS_ALL, Ground, Item, Plan, Rule, Wish

ANN, BEN, CAT, TO = (UUID(int=number) for number in range(1, 5))
NORTH, SOUTH, SALES = (UUID(int=number) for number in range(11, 14))
PEOPLE = frozenset({ANN, BEN, CAT, TO})


def _items(count: int, **values: object) -> list[Item]:
    return [Item(uuid4(), **values) for _number in range(count)]


def test_all_goes_to_one():
    plan = Plan(Wish(Rule.ONE, TO), Ground(PEOPLE))
    plan.add_type("account", _items(5))
    assert plan.counts() == {TO: {"account": 5}}


def test_a_records_team_its_leader_or_the_one_above_gets_it():
    leaders, parents = {SALES: ANN, SOUTH: BEN}, {NORTH: SALES, SOUTH: SALES, SALES: None}
    plan = Plan(Wish(Rule.LEADER, TO), Ground(PEOPLE, leaders, parents, own_team=SOUTH))
    plan.add_type("account", [*_items(2, team=NORTH), *_items(3, team=SOUTH), *_items(4)])
    assert plan.counts() == {ANN: {"account": 2}, BEN: {"account": 7}}


def test_a_leader_who_cannot_sign_in_is_passed_over_and_a_circle_ends():
    gone = uuid4()
    ground = Ground(PEOPLE, {NORTH: gone}, {NORTH: SOUTH, SOUTH: NORTH})
    plan = Plan(Wish(Rule.LEADER, TO), ground)
    plan.add_type("account", _items(2, team=NORTH))
    assert plan.counts() == {TO: {"account": 2}}


@given(st.integers(0, 60), st.lists(st.sampled_from([ANN, BEN, CAT]), min_size=1, max_size=3, unique=True))
def test_in_turn_means_as_many_give_or_take_one(count, members):
    plan = Plan(Wish(Rule.TURNS, TO, NORTH), Ground(PEOPLE, members=members))
    plan.add_type("account", _items(count))
    shares = [plan.counts().get(each, {}).get("account", 0) for each in members]
    assert sum(shares) == count
    assert max(shares) - min(shares) <= 1


def test_the_narrowest_territory_gets_it_and_none_leaves_it_to_the_one_who_takes_over():
    west, trade = uuid4(), uuid4()
    narrow = ({"region": frozenset({west}), "trade": frozenset({trade})}, [BEN])
    wide = ({"region": frozenset({west})}, [ANN])
    plan = Plan(Wish(Rule.TERRITORY, TO), Ground(PEOPLE, territories=[narrow, wide]))
    plan.add_type(
        "account",
        [
            *_items(1, cut={"region": west, "trade": trade}),
            *_items(2, cut={"region": west}),
            *_items(3, cut={"trade": trade}),
        ],
    )
    assert plan.counts() == {BEN: {"account": 1}, ANN: {"account": 2}, TO: {"account": 3}}


def test_what_hangs_on_a_record_goes_with_it_also_to_somebody_elses():
    plan = Plan(Wish(Rule.TURNS, TO, NORTH), Ground(PEOPLE, members=[ANN, BEN]))
    accounts = _items(2)
    plan.add_type("account", accounts)
    cats = uuid4()
    plan.others = {cats: CAT}
    plan.add_type("contact", [Item(uuid4(), (accounts[1].id,)), Item(uuid4(), (cats,)), Item(uuid4(), ())])
    receivers = [receiver for key, _record, receiver in plan.lines if key == "contact"]
    assert receivers == [plan.given[accounts[1].id], CAT, ANN]


def test_an_exception_by_type_is_kept():
    wish = Wish(Rule.ONE, TO, by_type={"contact": str(BEN), "task": AS_ALL})
    plan = Plan(wish, Ground(PEOPLE))
    account = Item(uuid4())
    for key in ("account", "contact", "task"):
        plan.add_type(key, [account if key == "account" else Item(uuid4(), (account.id,))])
    assert plan.counts() == {TO: {"account": 1, "task": 1}, BEN: {"contact": 1}}


@given(st.sampled_from(Rule), st.lists(st.sampled_from([None, NORTH, SOUTH]), max_size=30))
def test_nothing_is_left_without_somebody_who_can_sign_in(rule, teams):
    ground = Ground(PEOPLE, {NORTH: ANN, SOUTH: uuid4()}, {NORTH: None, SOUTH: None}, [BEN], [({}, [CAT])])
    plan = Plan(Wish(rule, TO, NORTH), ground)
    plan.add_type("account", [Item(uuid4(), team=team) for team in teams])
    assert {receiver for _key, _record, receiver in plan.lines} <= PEOPLE
    assert len(plan.lines) == len(teams)


def test_a_wish_survives_being_kept():
    wish = Wish(Rule.TURNS, TO, NORTH, {"task": str(ANN)}, leave_finished=True)
    assert Wish.from_json(wish.as_json()) == wish
