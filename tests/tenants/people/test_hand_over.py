"""Somebody leaves: out at once, and what they own goes to others, to the last record."""

import datetime as dt
from uuid import UUID

import pytest

from core.clock import now
from core.errors import Conflict, DomainError, NotAllowed
from core.history.undo import undo
from core.records.models import SavedView, SearchDocument
from core.records.types import record_type
from core.records.writing import bin_records, create_record, read_values
from crm.activities.models import Notification
from crm.fields.services.making_types import TypeForm, make_type
from tenants.people.leaving import services
from tenants.people.leaving.owned import owned_by, owned_kinds, owns_anything
from tenants.people.leaving.planning import plan_hand_over
from tenants.people.leaving.rules import Rule, Wish
from tenants.people.leaving.services import hand_over, let_go, take_step
from tenants.people.models import (
    HandOver,
    HandOverLine,
    HandOverState,
    Role,
    SalesTerritory,
    Team,
    TerritoryMember,
    User,
)
from tenants.people.selectors import seats_in_use
from tests.crm.fields.conftest import new_field

pytestmark = pytest.mark.django_db
ACCOUNT, CONTACT, TASK = (record_type(key) for key in ("account", "contact", "task"))
OPPORTUNITY = record_type("opportunity")


@pytest.fixture
def north(workspace, admin) -> Team:
    """A team of two beside the leaver."""
    team = Team.objects.create(name="North")
    User.objects.filter(pk__in=[workspace.owner.pk, admin.pk]).update(team=team)
    workspace.owner.refresh_from_db()
    admin.refresh_from_db()
    return team


@pytest.fixture
def firm(workspace, member):
    """What the member owns: three accounts (one in the bin) with a contact, an opportunity and a task each."""
    made: dict[str, list] = {"account": [], "contact": [], "opportunity": [], "task": []}
    for number in range(3):
        account = create_record(ACCOUNT, {"name": f"Firm {number}"}, by=member).record
        made["account"].append(account)
        made["contact"].append(
            create_record(CONTACT, {"name": f"Contact {number}", "account": account}, by=member).record
        )
        made["opportunity"].append(
            create_record(OPPORTUNITY, {"name": f"Sale {number}", "account": account}, by=member).record
        )
        task = {"title": f"Call {number}", "target_type": "account", "target_id": account.pk}
        made["task"].append(create_record(TASK, task, by=member).record)
    bin_records(ACCOUNT, [made["account"][2].pk], by=member)
    return made


def _owners(kind, rows) -> list[UUID]:
    found = dict(kind.model._base_manager.values_list("pk", "owner_id"))
    return [found[each.pk] for each in rows]


def test_everything_goes_to_one_the_bin_too_and_comes_back_by_undo(workspace, member, firm, north):
    done = hand_over(member, wish=Wish(Rule.ONE, workspace.owner.pk), by=workspace.owner)
    assert (done.state, done.done, done.given) == (HandOverState.DONE, 12, {str(workspace.owner.pk): 12})
    for key, rows in firm.items():
        assert set(_owners(record_type(key), rows)) == {workspace.owner.pk}
    assert set(ACCOUNT.model._base_manager.values_list("team_id", flat=True)) == {north.pk}
    shown = SearchDocument.objects.filter(pk__in=[each.pk for each in firm["contact"]])
    assert set(shown.values_list("owner_id", "team_id")) == {(workspace.owner.pk, north.pk)}
    assert not HandOverLine.objects.exists()

    undo(done.batch, by=workspace.owner)
    for key, rows in firm.items():
        assert set(_owners(record_type(key), rows)) == {member.pk}


def test_what_hangs_on_an_account_goes_with_it(workspace, member, admin, firm, north):
    wish = Wish(Rule.TURNS, workspace.owner.pk, north.pk)
    hand_over(member, wish=wish, by=workspace.owner)
    accounts = _owners(ACCOUNT, firm["account"])
    assert set(accounts) == {workspace.owner.pk, admin.pk}
    for key in ("contact", "opportunity", "task"):
        assert _owners(record_type(key), firm[key]) == accounts


def test_a_contact_on_somebody_elses_account_goes_to_them(workspace, member, admin):
    theirs = create_record(ACCOUNT, {"name": "Adams"}, by=admin).record
    contact = create_record(CONTACT, {"name": "Con", "account": theirs}, by=member).record
    hand_over(member, wish=Wish(Rule.ONE, workspace.owner.pk), by=workspace.owner)
    assert _owners(CONTACT, [contact]) == [admin.pk]


def test_the_preview_tells_the_very_numbers(workspace, member, admin, firm, north, client_of):
    wish = Wish(Rule.TURNS, workspace.owner.pk, north.pk)
    planned = {str(pk): counts.total() for pk, counts in plan_hand_over(member, wish).counts().items()}
    fields = {"rule": "turns", "to": str(workspace.owner.pk), "team": str(north.pk)}
    page = client_of(workspace, workspace.owner).get(f"/settings/people/{member.pk}/shares/", fields)
    text = page.content.decode()
    assert "12 records change hands." in text
    for pk, count in planned.items():
        name = User.objects.get(pk=pk).name
        row = text[text.index(name) :].split("</li>")[0]
        assert row.endswith(f'font-medium">{count}</span>'), row
    done = hand_over(member, wish=wish, by=workspace.owner)
    assert done.given == planned


def test_the_team_leader_and_territories(workspace, member, admin):
    north = Team.objects.create(name="North", leader=admin)
    region = ACCOUNT.field("region").options()[0].value
    territory = SalesTerritory.objects.create(name="West", values={"region": [region]})
    TerritoryMember.objects.create(territory=territory, person=admin)
    TerritoryMember.objects.create(territory=territory, person=member)
    placed = create_record(ACCOUNT, {"name": "Placed", "region_id": region}, by=member).record
    teamed = create_record(ACCOUNT, {"name": "Teamed", "team": north}, by=member).record
    plan = plan_hand_over(member, Wish(Rule.LEADER, workspace.owner.pk))
    assert (plan.given[teamed.pk], plan.given[placed.pk]) == (admin.pk, workspace.owner.pk)
    plan = plan_hand_over(member, Wish(Rule.TERRITORY, workspace.owner.pk))
    assert (plan.given[teamed.pk], plan.given[placed.pk]) == (workspace.owner.pk, admin.pk)


def test_what_is_over_may_keep_the_name(workspace, member, firm):
    lost = OPPORTUNITY.model.objects.filter(pk=firm["opportunity"][0].pk)
    lost.update(outcome="lost")
    TASK.model.objects.filter(pk=firm["task"][0].pk).update(done_at=now())
    wish = Wish(Rule.ONE, workspace.owner.pk, leave_finished=True)
    done = let_go(member, wish=wish, by=workspace.owner)
    assert done.done == 10
    assert _owners(OPPORTUNITY, firm["opportunity"]) == [member.pk, *[workspace.owner.pk] * 2]
    assert {(each.kind.key, each.count, each.finished) for each in owned_by(member)} == {
        ("opportunity", 1, 1),
        ("task", 1, 1),
    }


def test_nobody_leaves_customers_alone(workspace, member, firm, client_of):
    with pytest.raises(DomainError) as refused:
        let_go(member, wish=None, by=workspace.owner)
    assert refused.value.code == "owns_records"
    answer = client_of(workspace, workspace.owner).post(f"/settings/people/{member.pk}/deactivate/", {})
    assert (answer.status_code, "Choose a person" in answer.content.decode()) == (422, True)
    assert User.objects.get(pk=member.pk).is_active


@pytest.mark.parametrize("who", ["leaver", "gone", "placeholder"])
def test_only_who_can_sign_in_takes_over(workspace, member, firm, who):
    gone = User.objects.create_user("g@firm.example", "x", name="Gone", is_active=False)
    placeholder = User.objects.create(name="Place", is_placeholder=True)
    to = {"leaver": member, "gone": gone, "placeholder": placeholder}[who]
    with pytest.raises(DomainError):
        let_go(member, wish=Wish(Rule.ONE, to.pk), by=workspace.owner)
    with pytest.raises(DomainError):
        let_go(
            member, wish=Wish(Rule.ONE, workspace.owner.pk, by_type={"task": str(to.pk)}), by=workspace.owner
        )
    assert User.objects.get(pk=member.pk).is_active


def test_a_leaver_is_out_everywhere_and_the_seat_is_free(workspace, member, firm, client_of):
    theirs, api = (client_of(workspace, member) for _number in range(2))
    assert theirs.get("/accounts/").status_code == 200
    assert api.get("/api/v1/accounts/").status_code == 200
    seats = seats_in_use()
    fields = {"rule": "one", "to": str(workspace.owner.pk)}
    owner = client_of(workspace, workspace.owner)
    page = owner.get(f"/settings/people/{member.pk}/deactivate/")
    assert "Firm 0" in page.content.decode()
    answer = owner.post(f"/settings/people/{member.pk}/deactivate/", fields)
    assert (answer.status_code, seats_in_use()) == (302, seats - 1)
    assert theirs.get("/accounts/").status_code == 302
    # An open tab asks in the background, and writes.
    assert theirs.get("/accounts/", headers={"hx-request": "true"}).status_code == 302
    writing = theirs.post(f"/accounts/{firm['account'][0].pk}/field/city/", {"city": "Rome"})
    assert (writing.status_code, "/account/login" in writing.url) == (302, True)
    assert api.get("/api/v1/accounts/").status_code == 403
    assert not any(owns_anything(each) for each in User.objects.filter(is_active=False))


def test_other_duties_go_too(workspace, member, admin):
    team = Team.objects.create(name="North", leader=member)
    User.objects.filter(pk=admin.pk).update(manager=member)
    shared = SavedView.objects.create(record_type="account", name="All", owner=member, shared=True)
    own = SavedView.objects.create(record_type="account", name="Mine", owner=member)
    alone, together = (SalesTerritory.objects.create(name=name) for name in ("Alone", "Together"))
    for territory, person in ((alone, member), (together, member), (together, admin)):
        TerritoryMember.objects.create(territory=territory, person=person)
    create_record(ACCOUNT, {"name": "One"}, by=member)
    let_go(member, wish=Wish(Rule.ONE, workspace.owner.pk), by=workspace.owner)
    for each in (team, admin, shared, own):
        each.refresh_from_db()
    assert (team.leader, admin.manager) == (workspace.owner, workspace.owner)
    assert (shared.owner, own.owner) == (workspace.owner, member)
    members = set(TerritoryMember.objects.values_list("territory__name", "person__name"))
    assert members == {("Alone", workspace.owner.name), ("Together", admin.name)}


def test_records_are_not_given_back_to_somebody_who_is_gone(workspace, member, firm, client_of):
    done = let_go(member, wish=Wish(Rule.ONE, workspace.owner.pk), by=workspace.owner)
    owner = client_of(workspace, workspace.owner)
    assert owner.post(f"/undo/{done.batch}/").status_code == 403
    owner.post(f"/settings/people/{member.pk}/reactivate/")
    assert owner.post(f"/undo/{done.batch}/").status_code == 204
    assert set(_owners(ACCOUNT, firm["account"])) == {member.pk}


def test_what_was_assigned_meanwhile_stays_and_what_came_meanwhile_goes(
    workspace, member, admin, firm, monkeypatch
):
    monkeypatch.setattr(services, "AT_ONCE", 0)
    monkeypatch.setattr(services, "STEP_LINES", 2)
    started = let_go(member, wish=Wish(Rule.ONE, workspace.owner.pk), by=workspace.owner)
    assert started.state == HandOverState.RUNNING
    assert all(take_step(started.pk) for _number in range(2))  # one plans, one gives two accounts away
    ACCOUNT.model._base_manager.filter(owner=member).update(owner=admin)
    late = create_record(CONTACT, {"name": "Late", "owner": member}, by=workspace.owner).record
    steps = 0
    while take_step(started.pk):
        steps += 1
    assert steps > 5
    assert set(_owners(ACCOUNT, firm["account"])) == {workspace.owner.pk, admin.pk}
    assert _owners(CONTACT, [late]) == [workspace.owner.pk]
    assert not owns_anything(member)


def test_two_hand_overs_of_one_person_do_not_cross(workspace, member, admin, firm, monkeypatch):
    monkeypatch.setattr(services, "AT_ONCE", 0)
    hand_over(member, wish=Wish(Rule.ONE, admin.pk), by=workspace.owner)
    with pytest.raises(Conflict):
        hand_over(member, wish=Wish(Rule.ONE, workspace.owner.pk), by=workspace.owner)
    with pytest.raises(Conflict):  # who is being given records stays until they are there
        let_go(admin, wish=None, by=workspace.owner)


def test_one_that_stands_still_is_sent_again(workspace, member, firm, monkeypatch, committing):
    monkeypatch.setattr(services, "AT_ONCE", 0)
    started = let_go(member, wish=Wish(Rule.ONE, workspace.owner.pk), by=workspace.owner)
    with committing():
        assert services.resume_still() == 0
    HandOver.objects.update(moved_at=now() - dt.timedelta(minutes=2))
    with committing():
        assert services.resume_still() == 1
    started.refresh_from_db()
    assert started.state == HandOverState.DONE


def test_receivers_hear_of_it(workspace, member, admin, firm):
    let_go(member, wish=Wish(Rule.ONE, admin.pk), by=workspace.owner)
    told = Notification.objects.get(person=admin)
    assert told.text == f"You were given 12 records of {member.name}."


def test_an_administrator_lets_no_owner_go(workspace, member, admin, client_of):
    second = User.objects.create_user("second@firm.example", "x", name="Second", role=Role.OWNER)
    with pytest.raises(NotAllowed):
        let_go(second, wish=None, by=admin)
    for person, status in ((admin, 403), (workspace.owner, 200)):
        page = client_of(workspace, person).get(f"/settings/people/{second.pk}/deactivate/")
        assert page.status_code == status
    assert client_of(workspace, member).get(f"/settings/people/{second.pk}/deactivate/").status_code == 403


def test_every_type_with_an_owner_is_handed_over():
    assert {"account", "contact", "opportunity", "task"} <= {kind.key for kind in owned_kinds()}
    assert [kind.anchors for kind in (ACCOUNT, CONTACT, OPPORTUNITY, TASK)] == [
        (),
        ("account_id",),
        ("account_id",),
        ("target_id", "root_id"),
    ]


def test_what_a_placeholder_owns_is_handed_over_too(workspace):
    placeholder = User.objects.create(name="Darcel", is_placeholder=True)
    account = create_record(ACCOUNT, {"name": "Imported", "owner": placeholder}, by=workspace.owner).record
    done = hand_over(placeholder, wish=Wish(Rule.ONE, workspace.owner.pk), by=workspace.owner)
    assert (done.done, _owners(ACCOUNT, [account])) == (1, [workspace.owner.pk])
    assert User.objects.get(pk=placeholder.pk).is_active


def test_records_of_a_type_that_the_workspace_made_go_along(workspace, member, admin, north, firm):
    """Named so that without looking they would come before what they hang on."""
    owner = workspace.owner
    cars = record_type(make_type(given=TypeForm("Car", "Cars"), by=owner)[0].key)
    houses = record_type(make_type(given=TypeForm("House", "Houses"), by=owner)[0].key)
    at_house = new_field(workspace, "link", "Parked at", on=cars.key, options={"target": houses.key})
    of_account = new_field(workspace, "link", "Owned by", on=houses.key, options={"target": "account"})
    cars, houses = record_type(cars.key), record_type(houses.key)
    made: dict[str, list] = {"houses": [], "cars": []}
    for account in firm["account"][:2]:
        house = create_record(
            houses, read_values(houses, {"name": "H", of_account.name: str(account.pk)}), by=member
        )
        car = read_values(cars, {"name": "C", at_house.name: str(house.record.pk)})
        made["houses"].append(house.record)
        made["cars"].append(create_record(cars, car, by=member).record)
    done = hand_over(member, wish=Wish(Rule.TURNS, owner.pk, north.pk), by=owner)
    accounts = _owners(ACCOUNT, firm["account"][:2])
    assert set(accounts) == {owner.pk, admin.pk}
    assert _owners(houses, made["houses"]) == _owners(cars, made["cars"]) == accounts
    assert done.done == 16
