"""Languages that people may choose, and how dates, numbers and names are written."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import formats, timezone, translation

from core.errors import DomainError
from core.formats import format_of_language
from core.history.undo import undo
from core.money import format_money
from core.records.periods import week_of
from core.records.types import record_type
from core.records.writing import create_record
from core.tenancy.scope import public_scope
from crm.accounts.models import Contact
from crm.transfer.rules.rows import join_name
from crm.workspace.rules.formats import Formats
from crm.workspace.selectors.numbering import workspace_day
from crm.workspace.services.formats import set_formats
from tenants.people.models import User
from tenants.people.workspace_settings import forget_settings
from tests.importing import Importer

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 4)
BOTH = ["en", "zh-hans"]


def choose(workspace, languages=BOTH, **chosen):
    return set_formats(Formats(**chosen), languages=languages, by=workspace.owner)


@pytest.mark.parametrize(
    ("dates", "day", "moment"),
    [
        ("", "4 Mar 2026", "4 Mar 2026, 14:05"),
        ("iso", "2026-03-04", "2026-03-04 14:05"),
        ("day", "04/03/2026", "04/03/2026 14:05"),
        ("dots", "04.03.2026", "04.03.2026 14:05"),
        ("month", "03/04/2026", "03/04/2026 14:05"),
        ("chinese", "2026年3月4日", "2026年3月4日 14:05"),
    ],
)
def test_dates_are_written_as_the_workspace_wishes_in_pages_and_files(
    dates, day, moment, workspace, client_of
):
    choose(workspace, dates=dates)
    made = create_record(
        record_type("opportunity"), {"name": "Deal", "expected_on": DAY}, by=workspace.owner
    ).record
    at = dt.datetime(2026, 3, 4, 14, 5, tzinfo=timezone.get_current_timezone())
    type(made).objects.filter(pk=made.pk).update(updated_at=at)
    client = client_of(workspace, workspace.owner)
    page = client.get("/opportunities/?cols=name,expected_on,updated_at").content.decode()
    assert f">{day}<" in page
    assert f">{moment}<" in page
    lines = b"".join(client.get("/opportunities/export.csv?cols=name,updated_at").streaming_content).decode()
    assert moment in lines
    assert day in client.get(f"/opportunities/{made.pk}/").content.decode()


def test_a_wish_holds_in_every_language_and_only_here(workspace, other_workspace):
    choose(workspace, dates="iso", numbers="apostrophe")
    for language in BOTH:
        with translation.override(language):
            assert formats.date_format(DAY, "SHORT_DATE_FORMAT") == "2026-03-04"
            assert format_money(Decimal("1234567.5"), "CHF") == "CHF 1’234’567.50"
    with other_workspace.scope():
        assert formats.date_format(DAY, "SHORT_DATE_FORMAT") == "4 Mar 2026"
        assert format_money(Decimal("1234567.5"), "USD") == "$1,234,567.50"
    with public_scope(switch=True, reason="test"):
        assert formats.date_format(DAY, "SHORT_DATE_FORMAT") == "4 Mar 2026"
    # Who asks for a language's own way gets that.
    assert format_of_language("SHORT_DATE_FORMAT") == "j M Y"
    assert formats.get_format("SHORT_DATE_FORMAT", "zh-hans") == "Y-m-d"


@pytest.mark.parametrize(
    ("week", "first"),
    [("", dt.date(2026, 3, 2)), ("monday", dt.date(2026, 3, 2)), ("sunday", dt.date(2026, 3, 1)),
     ("saturday", dt.date(2026, 2, 28))],
)  # fmt: skip
def test_this_week_begins_on_the_day_that_was_chosen(week, first, workspace):
    choose(workspace, week=week)
    assert week_of(DAY) == (first, first + dt.timedelta(days=6))
    assert week_of(first, -1)[1] == first - dt.timedelta(days=1)
    assert week_of(first)[0] == first


def test_names_of_two_columns_are_joined_as_chosen(workspace):
    assert join_name("Ada", "Lovelace", family_first=True) == "Lovelace Ada"
    choose(workspace, names="family")
    Importer(workspace.owner).whole("contact", "first name,last name\nAnna,Kovács\n海,李\n")
    assert set(Contact.objects.values_list("name", flat=True)) == {"Kovács Anna", "李海"}


def test_a_language_that_is_not_offered_any_more_is_left_out(workspace, client_of):
    person = User.objects.create_user("m@own.example", "x", name="Member", language="zh-hans")
    client = client_of(workspace, person)
    assert 'lang="zh-Hans"' in client.get("/profile/").content.decode()
    batch = choose(workspace, languages=[])
    page = client.get("/profile/").content.decode()
    assert 'lang="en"' in page
    assert "简体中文" not in page
    profile = {"name": "Member", "language": "zh-hans", "time_zone": ""}
    assert client.post("/profile/", profile).status_code == 422
    undo(batch, by=workspace.owner, label="undone")
    forget_settings()
    assert 'lang="zh-Hans"' in client.get("/profile/").content.decode()
    assert client.post("/profile/", profile).status_code == 302


def test_what_is_no_choice_is_refused(workspace):
    with pytest.raises(DomainError) as refused:
        choose(workspace, languages=["fr"], dates="Y", numbers="x", week="friday", names="?")
    assert set(refused.value.fields) == {"languages", "dates", "numbers", "week", "names"}


def test_the_page(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    assert client.get("/settings/formats/").status_code == 200
    preview = client.get("/settings/formats/preview/?dates=iso&numbers=space&week=sunday").content.decode()
    assert workspace_day().strftime("%Y-") in preview
    assert "1\u202f234\u202f567.50" in preview
    assert "Sunday – Saturday" in preview
    form = {"language": ["en", "zh-hans"], "dates": "iso", "numbers": "", "week": "sunday", "names": "given"}
    assert client.post("/settings/formats/", {**form, "dates": "x"}).status_code == 422
    assert client.post("/settings/formats/", form).status_code == 302
    assert week_of(DAY)[0] == dt.date(2026, 3, 1)
    member = client_of(workspace, User.objects.create_user("m@own.example", "x", name="Member"))
    assert member.get("/settings/formats/").status_code == 403
    assert member.get("/settings/formats/preview/").status_code == 403
    assert member.post("/settings/formats/", form).status_code == 403
