"""The list of tenants, one tenant's page, and what operators do there."""

import csv
import datetime as dt
import io

import pytest

from core.clock import now
from core.errors import Conflict, DomainError
from tenants.console import services
from tenants.console.models import TenantFacts
from tenants.console.selectors import SORTS, TABS, found_tenants, tab_counts
from tenants.console.story import SENTENCES, story_of
from tenants.registry.events import record_event
from tenants.registry.mail_hash import mail_hash
from tenants.registry.models import Domain, MailDirectoryEntry, Tenant, TenantEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant(workspace, tenant_of) -> Tenant:
    return tenant_of(workspace)


@pytest.fixture
def many(db, in_public) -> list[Tenant]:
    """A hundred and thirty tenants without schemas: rows of the registry only."""
    at = now()
    with in_public():
        rows = [
            Tenant(
                schema_name=f"t_many{number:04d}",
                state="ready",
                name=f"Firm {number % 7} {number:04d}",
                opened_at=at - dt.timedelta(days=number % 9),
            )
            for number in range(130)
        ]
        Tenant.objects.bulk_create(rows)
        Domain.objects.bulk_create(
            Domain(domain=f"many{number}.localhost", tenant=row, is_primary=True)
            for number, row in enumerate(rows)
        )
        TenantFacts.objects.bulk_create(
            TenantFacts(tenant=row, people=number % 3, last_active_at=at - dt.timedelta(days=number % 4))
            for number, row in enumerate(rows[:100])
        )
    return rows


@pytest.mark.parametrize("sort", SORTS)
def test_pages_show_every_tenant_once_forwards_and_backwards(sort, many, console):
    seen: list[str] = []
    address = f"/console/?sort={sort}&q=Firm"
    pages = []
    while address:
        answer = console.get(address)
        pages.append([row.tenant.name for row in answer.context["rows"]])
        seen += pages[-1]
        last, address = answer, answer.context["older"]
    assert sorted(seen) == sorted(each.name for each in many)
    back = [row.tenant.name for row in console.get(last.context["newer"]).context["rows"]]
    assert back == pages[-2]


@pytest.mark.parametrize(
    "cursor", ["", "x", "e30", "eyJ2IjogWzFdfQ", "%00", "a" * 5000, "eyJ2IjogIlx1MDAwMCJ9"]
)
def test_a_broken_cursor_is_the_first_page(cursor, many, console):
    assert len(console.get(f"/console/?after={cursor}").context["rows"]) == 50


@pytest.mark.parametrize("text", ["%00", "a'--", "%25", "_", "x" * 3000, "(", "\\", "@", "<script>"])
def test_hostile_searches_find_nothing_and_break_nothing(text, many, console):
    answer = console.get("/console/", {"q": text})
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode().replace("<script type", "")


def test_search_by_name_host_and_the_mail_of_somebody_there(workspace, tenant, other_workspace, in_public):
    with in_public():
        for text in (tenant.name[:6], workspace.host, workspace.owner.email.upper()):
            found = list(found_tenants(tab="all", search=text))
            assert tenant.pk in {each.pk for each in found}, text
        assert [each.pk for each in found] == [tenant.pk]
        assert not MailDirectoryEntry.objects.filter(mail_hash__contains="@").exists()
        assert MailDirectoryEntry.objects.filter(mail_hash=mail_hash(workspace.owner.email)).exists()


def test_tabs_hold_what_they_say(many, in_public):
    at = now()
    with in_public():
        Tenant.objects.filter(pk=many[0].pk).update(trial_ends_at=at + dt.timedelta(days=3))
        Tenant.objects.filter(pk=many[1].pk).update(trial_ends_at=at + dt.timedelta(days=8))
        TenantFacts.objects.filter(pk=many[2].pk).update(fullest="records", fullest_percent=80)
        Tenant.objects.filter(pk=many[3].pk).update(opened_at=at - dt.timedelta(days=30))
        TenantFacts.objects.filter(pk=many[3].pk).update(last_active_at=at - dt.timedelta(days=15))
        Tenant.objects.filter(pk=many[4].pk).update(state="suspended")
        Tenant.objects.filter(pk=many[5].pk).update(state="closed")
        found = {
            tab: set(found_tenants(tab=tab, search="Firm").values_list("name", flat=True)) for tab in TABS
        }
        counts = tab_counts()
    assert found["trials"] == {many[0].name}
    assert found["near"] == {many[2].name}
    assert found["silent"] == {many[3].name}
    assert found["suspended"] == {many[4].name}
    assert found["closed"] == {many[5].name}
    assert many[4].name in found["all"]
    assert many[5].name not in found["all"]
    assert counts["suspended"] >= 1


def test_the_list_asks_the_database_little_however_long_it_is(many, console, django_assert_max_num_queries):
    console.get("/console/")
    with django_assert_max_num_queries(12):
        console.get("/console/")


def test_the_export_has_all_rows_defuses_formulas_and_is_logged(many, console, in_public):
    with in_public():
        Tenant.objects.filter(pk=many[0].pk).update(name="=HYPERLINK(1)")
    answer = console.post("/console/export/", {"tab": "all", "q": ""})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) >= 131
    assert ["'=HYPERLINK(1)" in row for row in rows].count(True) == 1
    with in_public():
        assert TenantEvent.objects.filter(kind="exported").count() == 1


def test_suspending_shows_the_reason_and_restoring_opens_again(
    workspace, tenant, console, client_of, in_public
):
    member = client_of(workspace, workspace.owner)
    assert member.get("/accounts/").status_code == 200
    path = f"/console/tenants/{tenant.pk}/"
    assert console.post(f"{path}suspend/", {"reason": " "}).status_code == 422
    console.post(f"{path}suspend/", {"reason": "Payment came back"})
    answer = member.get("/accounts/")
    assert answer.status_code == 403
    assert "Payment came back" in answer.content.decode()
    assert console.post(f"{path}suspend/", {"reason": "twice"}).status_code == 422
    console.post(f"{path}restore/")
    assert member.get("/accounts/").status_code == 200
    with in_public():
        kinds = list(TenantEvent.objects.filter(tenant=tenant).values_list("kind", "actor"))
    assert kinds[:2] == [("restore", "Ines Duarte"), ("suspend", "Ines Duarte")]


def test_deleting_takes_the_name_waits_and_can_be_withdrawn(workspace, tenant, console, client_of, tenant_of):
    path = f"/console/tenants/{tenant.pk}/"
    for typed in ("", "test works", "Other"):
        assert console.post(f"{path}delete/", {"typed": typed, "reason": "asked"}).status_code == 422
    assert tenant_of(workspace).state == "ready"
    console.post(f"{path}delete/", {"typed": tenant.name, "reason": "asked"})
    closed = tenant_of(workspace)
    assert (closed.state, closed.closed_at is not None) == ("closed", True)
    assert client_of(workspace, workspace.owner).get("/accounts/").status_code == 410
    assert "removed 30 days later" in console.get(path).content.decode()
    console.post(f"{path}reopen/")
    assert tenant_of(workspace).state == "ready"
    assert client_of(workspace, workspace.owner).get("/accounts/").status_code == 200


def test_steps_are_taken_from_where_they_lead_on_only(tenant, operator, in_public):
    with in_public():
        for step in (services.restore_tenant, services.withdraw_deletion):
            with pytest.raises(Conflict):
                step(tenant, by=operator)


@pytest.mark.parametrize("until", [None, dt.date(2020, 1, 1), dt.date(9999, 12, 31)])
def test_a_trial_is_not_extended_into_the_past_or_for_ever(until, tenant, operator, in_public):
    with in_public(), pytest.raises(DomainError) as refused:
        services.extend_trial(tenant, until=until, by=operator)
    assert "until" in refused.value.fields


def test_an_extended_trial_ends_later(tenant, operator, console, in_public, tenant_of, workspace):
    until = (now() + dt.timedelta(days=40)).date()
    console.post(f"/console/tenants/{tenant.pk}/trial/", {"until": until.isoformat()})
    assert tenant_of(workspace).trial_ends_at.date() == until
    assert "Trial, 40 days" in console.get(f"/console/tenants/{tenant.pk}/").content.decode()


def test_a_grant_counts_at_once_and_can_be_taken_back(workspace, tenant, console, tenant_of):
    path = f"/console/tenants/{tenant.pk}/"
    words = {"limit": "records", "amount": "500", "reason": "moving house"}
    assert console.post(f"{path}grant/", {**words, "amount": "-1"}).status_code == 422
    assert console.post(f"{path}grant/", {**words, "feature": "api"}).status_code == 422
    console.post(f"{path}grant/", words)
    assert tenant_of(workspace).entitlements["grants"][0]["amount"] == 500
    grant = console.get(path).context["grants"][0]["grant"]
    console.post(f"{path}grant/{grant.pk}/withdraw/")
    assert tenant_of(workspace).entitlements["grants"] == []


def test_notes_stand_in_the_story_as_they_were_written(tenant, console, in_public):
    console.post(f"/console/tenants/{tenant.pk}/note/", {"text": "<b>called</b> at noon"})
    page = console.get(f"/console/tenants/{tenant.pk}/").content.decode()
    assert "&lt;b&gt;called&lt;/b&gt; at noon" in page
    assert console.post(f"/console/tenants/{tenant.pk}/note/", {"text": "x" * 2001}).status_code == 422


def test_every_kind_of_event_has_its_sentence(tenant, in_public):
    """An event without a sentence would break the page of its tenant."""
    facts = {"until": "2026-01-31", "limit": "records", "amount": 5, "feature": "", "ticket": "T", "title": "X",
             "key": "k", "name": "N", "plan": "P", "code": "C",
             "number": 2, "add_on": "A", "country": "DE", "percent": "19"}  # fmt: skip
    with in_public():
        TenantEvent.objects.filter(tenant=tenant).delete()
        for kind in SENTENCES:
            record_event(kind, tenant=tenant, actor="Ines", **facts)
        lines = [line for line in story_of(tenant) if line.who == "Ines"]
    # Who only looked stands in the access log, not in the story.
    assert len(lines) == len(SENTENCES) - 1
    assert all(line.what for line in lines)


def test_an_unknown_or_unopened_tenant_is_not_found(console, in_public):
    assert console.get("/console/tenants/01a20000-0000-7000-8000-000000000000/").status_code == 404
    with in_public():
        waiting = Tenant.objects.filter(state="pool").first()
    assert console.get(f"/console/tenants/{waiting.pk}/").status_code == 404
