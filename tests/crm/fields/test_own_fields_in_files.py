"""Own fields in files: guessed by their headings, read, added to what is there, taken back."""

import csv
import io
import json
import zipfile
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage

from core.records.fields import Showing
from core.records.types import record_type
from crm.accounts.models import Account
from crm.transfer.models import ImportState
from crm.transfer.services.exporting import start_export, write_export
from crm.transfer.services.leases import take_lease
from tests.crm.fields.conftest import CASES, choices, new_field
from tests.crm.transfer.conftest import importer  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def every(workspace):
    """A field of each plain kind: {kind: field}."""
    made = {case.kind: new_field(workspace, case.kind, options=case.options) for case in CASES}
    return {kind: record_type("account").field(field.name) for kind, field in made.items()}


def _file(every, rows: list[dict[str, str]]) -> str:
    body = io.StringIO()
    writer = csv.writer(body)
    writer.writerow(["Name", *(each.label for each in every.values())])
    writer.writerows([row["name"], *(row.get(kind, "") for kind in every)] for row in rows)
    return body.getvalue()


def test_a_file_fills_a_field_of_each_kind_and_an_undo_empties_them(workspace, importer, every):  # noqa: F811
    typed = {case.kind: case.typed for case in CASES}
    job = importer.upload("account", _file(every, [{"name": "Acme", **typed}, {"name": "Bolt"}]))
    assert {every[case.kind].name for case in CASES} <= set(job.mapping.values()), "guessed by the headings"
    job = importer.run(importer.check(job))
    assert job.state == ImportState.DONE, job.findings
    acme, bolt = Account.objects.get(name="Acme"), Account.objects.get(name="Bolt")
    for case in CASES:
        assert every[case.kind].value_of(acme) == case.value
    assert bolt.custom == {}
    importer.undo(job)
    assert not Account.everything.exists()


def test_an_update_lays_its_values_over_those_that_are_there(workspace, importer, every):  # noqa: F811
    importer.whole("account", _file(every, [{"name": "Acme", "text": "first", "number": "1.5"}]))
    job = importer.whole("account", _file(every, [{"name": "Acme", "number": "2.5", "date": "2026-03-01"}]))
    acme = Account.objects.get()
    assert (every["text"].value_of(acme), every["number"].value_of(acme)) == ("first", Decimal("2.50"))
    importer.undo(job)
    acme.refresh_from_db()
    assert (every["number"].value_of(acme), every["date"].value_of(acme)) == (Decimal("1.50"), None)


def test_the_same_file_again_changes_nothing(workspace, importer, every):  # noqa: F811
    typed = {case.kind: case.typed for case in CASES}
    content = _file(every, [{"name": "Acme", **typed}])
    importer.whole("account", content)
    job = importer.check(importer.upload("account", content))
    assert job.findings["counts"]["unchanged"] == 1, job.findings["counts"]


def test_choices_links_and_people_are_found_by_name(workspace, importer):  # noqa: F811
    several = new_field(workspace, "choices", "Interests")
    red, green = choices(several, "Red", "Green")
    link = new_field(workspace, "link", "Partner", options={"target": "contact"})
    person = new_field(workspace, "person", "Engineer")
    importer.whole("contact", "Name\nAnn\n")
    content = f'Name,Interests,Partner,Engineer\nAcme,"red; Blue, GREEN",Ann,{workspace.owner.name}\n'
    importer.whole("account", content)
    kind, acme = record_type("account"), Account.objects.get()
    shown = {name: kind.field(name).text(kind.field(name).values_of(acme), Showing())
             for name in (several.name, link.name, person.name)}  # fmt: skip
    assert shown[link.name] == "Ann"
    assert shown[person.name] == workspace.owner.name
    assert set(shown[several.name].split(", ")) == {"Red", "Green", "Blue"}, "a new choice is made"


def test_what_follows_is_worked_out_for_imported_records(workspace, importer):  # noqa: F811
    machines = new_field(workspace, "number", "Machines")
    twice = new_field(
        workspace, "formula", "Twice", options={"text": f"{machines.name} * 2", "result": "number"}
    )
    importer.whole("account", "Name,Machines\nAcme,4\n")
    assert record_type("account").field(twice.name).value_of(Account.objects.get()) == Decimal("8.00")


def test_bad_values_are_told_by_row_and_field(workspace, importer, every):  # noqa: F811
    job = importer.check(importer.upload("account", _file(every, [{"name": "Acme", "number": "many"}])))
    assert job.findings["counts"]["error"] == 1
    assert "My number" in json.dumps(job.findings, ensure_ascii=False)


def test_the_workspace_as_a_zip_has_them_under_their_labels(workspace, importer, every):  # noqa: F811
    importer.whole("account", _file(every, [{"name": "Acme", "text": "K-17"}]))
    job = start_export(by=workspace.owner)
    write_export(job, take_lease(job))
    job.refresh_from_db()
    with zipfile.ZipFile(default_storage.open(job.stored)) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("accounts.csv").decode("utf-8-sig"))))
        assert rows[0]["My text"] == "K-17"
        assert "tables/fields_customfield.csv" in archive.namelist(), "and how they are shaped"
