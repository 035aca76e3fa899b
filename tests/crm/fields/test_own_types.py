"""Record types that a workspace made pass for built-in ones, through every way in and out."""

import csv
import io
import json

import pytest
from django.http import QueryDict

from core.errors import Conflict, DomainError
from core.history.undo import undo
from core.records.lists import queryset_of, read_request
from core.records.rights import as_seen_by
from core.records.search import search
from core.records.types import forget_choices, record_type, record_types, type_of
from core.records.writing import bin_records, create_record, read_values, restore_records, update_records
from crm.customize.models import PicklistItem
from crm.fields.models import CustomRecord, CustomType
from crm.fields.services.making_types import TypeForm, change_type, make_type, restore_type, retire_type
from tenants.people.models import AccessRole, User
from tests.crm.fields.conftest import new_field
from tests.crm.transfer.conftest import importer  # noqa: F401
from web.records.bin import index_touched

pytestmark = pytest.mark.django_db


@pytest.fixture
def vehicles(workspace):
    given = TypeForm(
        "Vehicle", "Vehicles", title_label="Number plate", has_stages=True, stages=("Ready", "In repair")
    )
    return make_type(given=given, by=workspace.owner)[0]


@pytest.fixture
def courses(workspace):
    return make_type(given=TypeForm("课程", "课程表"), by=workspace.owner)[0]


def made(workspace, key, **texts):
    kind = record_type(key)
    return create_record(kind, read_values(kind, texts), by=workspace.owner).record


def test_it_has_an_address_and_no_table(vehicles, courses):
    assert (vehicles.slug, vehicles.key) == ("x-vehicles", "x_vehicles")
    assert courses.slug == "x-ke-cheng-biao"
    assert {vehicles.key, courses.key} <= {kind.key for kind in record_types()}
    assert record_type(vehicles.key).table == record_type(courses.key).table


def test_records_of_two_types_are_kept_apart(workspace, vehicles, courses, owner_client):
    car = made(workspace, vehicles.key, name="L-AB 12", stage="ready")
    lesson = made(workspace, courses.key, name="L-AB 12")
    assert [type_of(each).key for each in (car, lesson)] == [vehicles.key, courses.key]
    assert owner_client.get(f"/x-vehicles/{car.pk}/").status_code == 200
    assert owner_client.get(f"/x-vehicles/{lesson.pk}/").status_code == 404
    assert owner_client.get(f"/api/v1/x-vehicles/{lesson.pk}/").status_code == 404
    assert owner_client.post(f"/x-vehicles/{lesson.pk}/delete/").status_code == 404
    found = search("L-AB", to=workspace.owner)
    assert {(hit.record_type.key, hit.id) for hit in found} == {
        (vehicles.key, car.pk),
        (courses.key, lesson.pk),
    }
    listed = queryset_of(
        read_request(record_type(vehicles.key), QueryDict(""), to=workspace.owner), to=workspace.owner
    )
    assert [each.pk for each in listed] == [car.pk]
    with pytest.raises(Conflict):
        update_records(
            record_type(vehicles.key), [car.pk, lesson.pk], {"description": "x"}, by=workspace.owner
        )


def test_every_page_of_it_opens(workspace, vehicles, owner_client):
    car = made(workspace, vehicles.key, name="L-AB 12", stage="ready")
    other = made(workspace, vehicles.key, name="Other")
    pages = [
        "", "new/", f"{car.pk}/", f"{car.pk}/edit/", f"{car.pk}/tab/changes/", f"{car.pk}/field/stage/",
        "filter/stage/", "count/", "pick/?q=L-AB", "export.csv", "look-alikes/?name=L-AB", f"{car.pk}/share/",
        "views/new/?f=owner.me.",
    ]  # fmt: skip
    for page in pages:
        answer = owner_client.get(f"/x-vehicles/{page}")
        assert answer.status_code == 200, page
    assert "Number plate" in owner_client.get("/x-vehicles/").content.decode()
    assert "/x-vehicles/" in owner_client.get("/").content.decode(), "it has a place in the menu"
    assert "L-AB 12" in owner_client.get("/palette?q=L-AB").content.decode()
    data = {"field": "description", "value": "x", "pick": [str(car.pk), str(other.pk)]}
    assert owner_client.post("/x-vehicles/bulk/change/", data).status_code == 302
    data = {"kind": "note", "text": "Brakes are done"}
    assert owner_client.post(f"/timeline/x-vehicles/{car.pk}/add/", data).status_code < 400
    assert "Brakes are done" in owner_client.get(f"/x-vehicles/{car.pk}/").content.decode()


def test_it_is_made_changed_and_taken_back_in_the_pages(owner_client, workspace, vehicles):
    answer = owner_client.post("/x-vehicles/new/", {"name": "L-CD 34", "stage": ""})
    assert answer.status_code == 302
    car = CustomRecord.objects.get()
    assert (car.record_type, car.name_key, car.owner_id) == (vehicles.key, "l-cd 34", workspace.owner.pk)
    ready = PicklistItem.objects.get(picklist="x_vehicles-stage", label="Ready")
    answer = owner_client.post(f"/x-vehicles/{car.pk}/field/stage/", {"stage": str(ready.pk)})
    assert answer.status_code == 302
    changes = owner_client.get(f"/x-vehicles/{car.pk}/tab/changes/").content.decode()
    assert "Ready" in changes
    kind = record_type(vehicles.key)
    gone = bin_records(kind, [car.pk], by=workspace.owner)
    assert "L-CD 34" in owner_client.get("/bin/").content.decode()
    restore_records(kind, [car.pk], by=workspace.owner)
    assert search("L-CD", to=workspace.owner)
    assert gone.batch


def test_an_undo_of_one_type_leaves_what_another_is_found_by(workspace, vehicles, courses):
    lesson = made(workspace, courses.key, name="Lesson 1")
    kind = record_type(vehicles.key)
    written = create_record(kind, {"name": "Car 1"}, by=workspace.owner)
    index_touched(undo(written.batch, by=workspace.owner))
    assert search("Car 1", to=workspace.owner) == []
    assert [hit.id for hit in search("Lesson", to=workspace.owner)] == [lesson.pk]
    edited = update_records(record_type(courses.key), [lesson.pk], {"name": "Lesson 2"}, by=workspace.owner)
    index_touched(undo(edited.batch, by=workspace.owner))
    assert [hit.title for hit in search("Lesson", to=workspace.owner)] == ["Lesson 1"]


def test_fields_links_and_roll_ups_go_both_ways(workspace, vehicles, owner_client):
    customer = new_field(workspace, "link", "Customer", on=vehicles.key, options={"target": "account"})
    km = new_field(workspace, "number", "Kilometres", on=vehicles.key)
    options = {"through": f"{vehicles.key}.{customer.name}", "function": "sum", "field": km.name}
    total = new_field(workspace, "roll_up", "Driven", options=options)
    acme = made(workspace, "account", name="Acme")
    car = made(workspace, vehicles.key, **{"name": "Car", customer.name: str(acme.pk), km.name: "1200"})
    made(workspace, vehicles.key, **{"name": "Van", customer.name: str(acme.pk), km.name: "300"})
    acme.refresh_from_db()
    assert record_type("account").field(total.name).value_of(acme) == 1500
    page = owner_client.get(f"/accounts/{acme.pk}/").content.decode()
    assert "Vehicles" in page
    assert f"/x-vehicles/{car.pk}/" in page
    assert "Acme" in owner_client.get(f"/x-vehicles/{car.pk}/").content.decode()
    answer = owner_client.get(
        f"/x-vehicles/?f={customer.name}.any.{acme.pk}&f={km.name}.gte.1000&cols=name,{km.name}"
    )
    assert "Car" in answer.content.decode()
    assert "Van" not in answer.content.decode()
    with pytest.raises(DomainError, match="refers to it"):
        retire_type(vehicles.pk, by=workspace.owner)


def test_the_api_has_a_resource_for_it(owner_client, vehicles):
    body = json.dumps({"name": "By API"})
    answer = owner_client.post("/api/v1/x-vehicles/", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    url = f"/api/v1/x-vehicles/{answer.json()['id']}/"
    changed = owner_client.patch(url, json.dumps({"description": "x"}), content_type="application/json")
    assert changed.json()["description"] == "x"
    assert [each["name"] for each in owner_client.get("/api/v1/x-vehicles/").json()["results"]] == ["By API"]
    assert owner_client.delete(url).status_code == 204
    assert owner_client.get("/api/v1/x-nosuch/").status_code == 404
    paths = owner_client.get("/api/v1/openapi.json").json()["paths"]
    assert {"/api/v1/x-vehicles/", "/api/v1/x-vehicles/{record_id}/"} <= set(paths)


def test_a_file_comes_in_again_and_is_undone(workspace, importer, vehicles, courses):  # noqa: F811
    made(workspace, courses.key, name="Car 1")
    content = "Number plate,Stage\nCar 1,Ready\nCar 2,Sold\n"
    job = importer.whole(vehicles.key, content)
    cars = CustomRecord.objects.filter(record_type=vehicles.key)
    assert sorted(cars.values_list("name", "stage__label")) == [("Car 1", "Ready"), ("Car 2", "Sold")]
    again = importer.check(importer.upload(vehicles.key, content))
    assert again.findings["counts"].get("unchanged") == 2
    importer.undo(job)
    assert list(CustomRecord.objects.values_list("record_type", flat=True)) == [courses.key]


def test_a_list_as_a_file(workspace, vehicles, owner_client):
    made(workspace, vehicles.key, name="=cmd", stage="ready")
    body = b"".join(owner_client.get("/x-vehicles/export.csv?cols=name,stage").streaming_content)
    assert list(csv.reader(io.StringIO(body.decode("utf-8-sig")))) == [
        ["Number plate", "Stage"],
        ["'=cmd", "Ready"],
    ]


@pytest.mark.parametrize(("scope", "sees"), [("none", set()), ("own", {"Mine"}), ("all", {"Mine", "Theirs"})])
def test_roles_decide_over_it(workspace, vehicles, client_of, scope, sees):
    role = AccessRole.objects.create(
        name="R", scopes={vehicles.key: {"see": scope, "edit": scope}}, fields={}
    )
    member = User.objects.create(email="m@x.example", name="Mia", role="member", access_role=role)
    kind = record_type(vehicles.key)
    create_record(kind, {"name": "Mine", "owner_id": member.pk}, by=workspace.owner)
    theirs = create_record(kind, {"name": "Theirs"}, by=workspace.owner).record
    client = client_of(workspace, member)
    assert {hit.title for hit in search("m", to=member) if hit.record_type.key == kind.key} <= sees
    listed = client.get("/x-vehicles/")
    assert listed.status_code == (403 if scope == "none" else 200)
    assert ("Theirs" in listed.content.decode()) == ("Theirs" in sees)
    assert client.get(f"/x-vehicles/{theirs.pk}/").status_code == {"none": 403, "own": 404, "all": 200}[scope]
    assert client.get("/api/v1/x-vehicles/").status_code == (403 if scope == "none" else 200)
    assert ("/x-vehicles/" in client.get("/").content.decode()) == bool(sees)
    assert as_seen_by(kind, member).key == vehicles.key


def test_retiring_hides_it_and_bringing_back_returns_all(workspace, vehicles, owner_client):
    car = made(workspace, vehicles.key, name="Car")
    assert owner_client.post(f"/settings/types/{vehicles.pk}/retire/").status_code == 302
    forget_choices()
    assert owner_client.get("/x-vehicles/").status_code == 404
    assert owner_client.get("/api/v1/x-vehicles/").status_code == 404
    assert "Car" not in owner_client.get("/palette?q=Car").content.decode()
    assert "Vehicles" in owner_client.get("/settings/types/").content.decode()
    restore_type(vehicles.pk, by=workspace.owner)
    assert owner_client.get(f"/x-vehicles/{car.pk}/").status_code == 200


def test_names_are_unlike_those_of_others(workspace, vehicles):
    with pytest.raises(Conflict, match="already records"):
        make_type(given=TypeForm("Car", "vehicles"), by=workspace.owner)
    with pytest.raises(Conflict, match="already records"):
        make_type(given=TypeForm("Firm", "Accounts"), by=workspace.owner)
    with pytest.raises(DomainError):
        make_type(given=TypeForm("", "Things"), by=workspace.owner)
    change_type(vehicles.pk, given=TypeForm("Car", "Cars"), by=workspace.owner)
    assert CustomType.objects.get().slug == "x-vehicles", "addresses stay"


def test_an_admin_makes_one_in_the_pages(owner_client, workspace):
    data = {
        "label": "Property", "label_plural": "Properties", "icon": "house", "has_stages": "on", "in_menu": "on",
        "stages": "Empty\nLet\n\nEmpty",
    }  # fmt: skip
    answer = owner_client.post("/settings/types/new/", data)
    assert answer["Location"] == "/settings/fields/x_properties/"
    page = owner_client.get("/settings/fields/x_properties/")
    assert page.status_code == 200
    assert (
        owner_client.post("/settings/fields/x_properties/new/?kind=number", {"label": "Rooms"}).status_code
        == 302
    )
    form = owner_client.get("/x-properties/new/").content.decode()
    assert "Rooms" in form
    assert "Let" in form
    labels = PicklistItem.objects.filter(picklist="x_properties-stage").values_list("label", flat=True)
    assert list(labels) == ["Empty", "Let"]
