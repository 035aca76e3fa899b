"""An operator's own tabs and columns, actions for several tenants, figures of each day, and looks in the log."""

import datetime as dt
from collections.abc import Callable

import pytest

from billing.entitlements.models import TemporaryGrant
from core.clock import now
from tenants.console.figures import last_days, run_of, write_figures
from tenants.console.looking import forget_looks, note_look
from tenants.console.models import Announcement, DailyFigures, TenantLook
from tenants.console.own_lists import MOST_FILTERS, USUAL
from tenants.console.tasks import gather_all
from tenants.registry.models import Tenant, TenantEvent
from tests.billing.begin import subscribe
from tests.billing.conftest import stripe  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(workspace, other_workspace, tenant_of) -> list[Tenant]:
    return [tenant_of(workspace), tenant_of(other_workspace)]


@pytest.fixture
def events(in_public) -> Callable[[str], list[object]]:
    """events(kind) → the tenants of its lines, in order."""

    def find(kind: str) -> list[object]:
        with in_public():
            return list(
                TenantEvent.objects.filter(kind=kind).order_by("id").values_list("tenant_id", flat=True)
            )

    return find


def test_a_filter_is_saved_shown_to_its_operator_only_and_removed(console, make_operator, signed_in):
    words = {"name": " Big firms ", "tab": "new", "q": "firm", "sort": "people"}
    assert console.post("/console/filters/", words).url == "/console/?tab=new&q=firm&sort=people"
    tabs = console.get("/console/?tab=new&q=firm&sort=people").context["own_tabs"]
    assert tabs == [("Big firms", "/console/?tab=new&q=firm&sort=people", True)]
    assert console.get("/console/").context["own_tabs"][0][2] is False
    colleague = signed_in(make_operator("Otto"))
    assert colleague.get("/console/").context["own_tabs"] == []
    kept = console.get("/console/?tab=new&q=firm&sort=people").context["present_filter"]
    path = f"/console/filters/{kept.pk}/remove/"
    assert colleague.post(path).status_code == 409
    assert console.post(path).status_code == 302
    assert console.get("/console/").context["own_tabs"] == []
    assert console.post(path).status_code == 409


def test_what_cannot_be_saved_is_said_and_the_list_stays_as_it_is(console):
    words = {"name": "Mine", "tab": "new", "q": "x", "sort": "name"}
    console.post("/console/filters/", words)
    for wrong, sentence in (({}, "of this name already"), ({"name": " "}, "Give the filter a name")):
        answer = console.post("/console/filters/", {**words, **wrong}, follow=True)
        assert answer.request["QUERY_STRING"] == "tab=new&q=x&sort=name"
        assert sentence in answer.content.decode()
    for number in range(MOST_FILTERS):
        console.post("/console/filters/", {**words, "name": f"Tab {number}"})
    assert len(console.get("/console/").context["own_tabs"]) == MOST_FILTERS


def test_columns_are_kept_for_the_operator_who_chose_them(console, pair, make_operator, signed_in):
    assert (
        console.post("/console/columns/", {"col": ["storage", "plan", "nosuch"], "tab": "new"}).url
        == "/console/?tab=new"
    )
    page = console.get("/console/")
    assert list(page.context["shown"]) == ["plan", "storage"]
    heads = page.content.decode().partition("<thead>")[2].partition("</thead>")[0]
    assert "Files" in heads and "Health" not in heads
    assert list(signed_in(make_operator("Otto")).get("/console/").context["shown"]) == list(USUAL)
    console.post("/console/columns/", {})
    assert list(console.get("/console/").context["shown"]) == list(USUAL)


def test_who_is_hit_is_shown_before_and_each_gets_a_line(console, pair, events):
    query = "&".join(f"pick={each.pk}" for each in [*pair, pair[0]])
    page = console.get(f"/console/bulk/note/?{query}&pick=x&pick=01a20000-0000-7000-8000-000000000000")
    assert sorted(row.tenant.pk for row in page.context["hit"]) == sorted(each.pk for each in pair)
    assert events("note") == []
    picked = [str(each.pk) for each in pair]
    assert console.post("/console/bulk/note/", {"pick": picked, "text": " "}).status_code == 422
    assert events("note") == []
    assert console.post("/console/bulk/note/", {"pick": picked, "text": "Moved office"}).status_code == 302
    assert sorted(events("note")) == sorted(each.pk for each in pair)


def test_a_grant_for_several(console, pair, events, in_public):
    picked = [str(each.pk) for each in pair]
    words = {"pick": picked, "limit": "records", "amount": "500", "reason": "outage"}
    assert console.post("/console/bulk/grant/", {**words, "feature": "api"}).status_code == 422
    assert events("granted") == []
    assert console.post("/console/bulk/grant/", words).status_code == 302
    assert len(events("granted")) == 2
    with in_public():
        assert set(TemporaryGrant.objects.values_list("tenant_id", flat=True)) == {each.pk for each in pair}


def test_a_longer_trial_leaves_out_who_has_subscribed(
    console,
    workspace,
    other_workspace,
    pair,
    tenant_of,
    events,
    stripe,  # noqa: F811
):
    subscribe(workspace)
    picked = [str(each.pk) for each in pair]
    until = now().date() + dt.timedelta(days=40)
    page = console.get(f"/console/bulk/trial/?pick={picked[0]}&pick={picked[1]}")
    assert [row.tenant.pk for row in page.context["left_out"]] == [pair[0].pk]
    assert console.post("/console/bulk/trial/", {"pick": picked, "until": "2020-01-01"}).status_code == 422
    assert (
        console.post("/console/bulk/trial/", {"pick": picked, "until": until.isoformat()}).status_code == 302
    )
    assert tenant_of(other_workspace).trial_ends_at.date() == until
    assert events("trial_extended") == [pair[1].pk]
    assert (
        console.post("/console/bulk/trial/", {"pick": picked[:1], "until": until.isoformat()}).status_code
        == 422
    )


def test_an_announcement_for_those_who_were_ticked(console, pair, events, in_public):
    words = {
        "title_en": "News",
        "title_zh": "新闻",
        "text_en": "A word",
        "text_zh": "一句话",
        "severity": "news",
    }
    console.post("/console/bulk/announce/", {**words, "pick": str(pair[0].pk), "plans": "growth"})
    with in_public():
        made = Announcement.objects.get()
    assert (made.tenants, made.plans) == ([str(pair[0].pk)], [])
    assert events("announced") == [None, pair[0].pk]


@pytest.mark.parametrize("query", ["", "?pick=x", "?pick=%00"])
def test_nothing_ticked_leads_back_to_the_list(query, console):
    assert console.get(f"/console/bulk/note/{query}").url == "/console/"
    assert console.get(f"/console/bulk/nosuch/{query}").status_code == 404


def test_figures_are_written_once_a_day_and_drawn_from_the_second_on(console, pair, in_public):
    with in_public():
        write_figures()
        write_figures()
        assert DailyFigures.objects.count() == 1
        assert run_of(last_days(), lambda day: day.paying, str).spark is None
        today = DailyFigures.objects.get()
        for ago, past_due in ((40, 9), (2, 3)):
            DailyFigures.objects.create(
                day=today.day - dt.timedelta(days=ago), paying=1, trials_ending=0, past_due=past_due,
                monthly_minor={"USD": 3900},
            )  # fmt: skip
        assert [each.past_due for each in last_days()] == [3, today.past_due]
    page = console.get("/console/").content.decode()
    assert f"From 3 to {today.past_due} within 2 days" in page
    assert "From $39 to $0 within 2 days" in page


def test_the_hourly_look_writes_todays_figures(outside, in_public, committing, workspace):
    with committing():
        outside(gather_all)
    with in_public():
        assert DailyFigures.objects.filter(day=now().date()).exists()


def test_opening_a_tenant_is_told_once_an_hour(console, make_operator, signed_in, pair, events, in_public):
    for _turn in range(3):
        assert console.get(f"/console/tenants/{pair[0].pk}/").status_code == 200
    assert events("looked") == [pair[0].pk]
    console.get(f"/console/tenants/{pair[1].pk}/")
    signed_in(make_operator("Otto")).get(f"/console/tenants/{pair[0].pk}/")
    assert events("looked") == [pair[0].pk, pair[1].pk, pair[0].pk]
    with in_public():
        TenantLook.objects.update(hour=now() - dt.timedelta(hours=25))
        assert forget_looks() == 3
    console.get(f"/console/tenants/{pair[0].pk}/")
    assert len(events("looked")) == 4


def test_looks_stand_in_the_log_and_not_in_the_story(console, pair):
    page = console.get(f"/console/tenants/{pair[0].pk}/").content.decode()
    assert "looked at it" not in page
    assert "looked at it" in console.get("/console/log/").content.decode()
    assert "looked at it" in console.get("/console/log/?kind=looks").content.decode()
    assert "looked at it" not in console.get("/console/log/?kind=changes").content.decode()


def test_who_may_not_look_leaves_no_line(pair, visitor, events):
    assert visitor.get(f"/console/tenants/{pair[0].pk}/").status_code == 302
    assert events("looked") == []


def test_a_look_of_the_same_hour_is_no_second_line(operator, pair, in_public, events):
    with in_public():
        assert [note_look(pair[0], by=operator) for _turn in range(2)] == [True, False]
    assert events("looked") == [pair[0].pk]
