"""Role × record type × verb × scope × every way in. Each refusal stands beside what is served."""

import json
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError
from core.records.rights import ANY_TYPE, Verb, may
from core.records.types import record_type, record_types
from core.records.writing import bin_records, create_record, restore_records, update_record, update_records
from crm.activities.models import Notification
from crm.activities.services.activities import log_activity
from crm.documents.services import attach_file
from tests.roles.conftest import ALL, EVERYBODY, OWNED, REACHED
from tests.things import picture

pytestmark = pytest.mark.django_db

SCOPES = list(REACHED)


def content(answer) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode()


def found_in(text: str, firm, key: str) -> set[str]:
    return {whose for whose in EVERYBODY if firm.name(key, whose).lower() in text.lower()}


def expected(key: str, scope: str) -> set[str]:
    """Of a type without owners one sees all or nothing."""
    if key == "product":
        return set() if scope == "none" else set(EVERYBODY)
    return REACHED[scope]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("key", [*OWNED, "product"])
def test_only_what_the_role_shows_is_anywhere(key, scope, firm, with_scope, client_of):
    kind, wanted = record_type(key), expected(key, scope)
    client = client_of(firm.workspace, with_scope(key, Verb.SEE, scope))
    ways = {
        # Tasks open with one's own; this is everybody's.
        "list": f"/{kind.slug}/?sort={kind.order}",
        "search of the list": f"/{kind.slug}/?q=Zq",
        "one letter": f"/{kind.slug}/?q=Z",
        "sorted": f"/{kind.slug}/?sort=-{kind.order.lstrip('-')}",
        "export": f"/{kind.slug}/export.csv",
        "palette": f"/palette?q={key}",
        "picker": f"/{kind.slug}/pick/",
        "picker by word": f"/{kind.slug}/pick/?q=Zq",
        "api": f"/api/v1/{kind.slug}/",
        "api search": f"/api/v1/{kind.slug}/?q=Zq",
    }
    if key == "opportunity":
        ways |= {"board": "/opportunities/board/", "desk": "/", "reports": "/reports/"}
    for way, path in ways.items():
        answer = client.get(path)
        closed = scope == "none" and way not in ("palette", "desk")
        assert answer.status_code == (403 if closed else 200), f"{way}: {answer.status_code}"
        seen = found_in(content(answer), firm, key)
        if way in ("desk", "reports"):
            assert seen <= wanted, way
        else:
            assert seen == wanted, way


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("key", OWNED)
def test_counts_tell_of_nothing_that_is_hidden(key, scope, firm, with_scope, client_of):
    kind = record_type(key)
    client = client_of(firm.workspace, with_scope(key, Verb.SEE, scope))
    answer = client.get(f"/{kind.slug}/count/?q=Zq")
    if scope == "none":
        assert answer.status_code == 403
        return
    assert f"{len(REACHED[scope])} in all" in content(answer)
    answer = client.get(f"/api/v1/{kind.slug}/?q=Zq&count=1")
    assert answer.json()["count"] == len(REACHED[scope])


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("key", OWNED)
def test_a_record_by_its_address(key, scope, firm, with_scope, client_of):
    kind = record_type(key)
    client = client_of(firm.workspace, with_scope(key, Verb.SEE, scope))
    for whose in EVERYBODY:
        record_id = firm.records[key, whose].pk
        page = kind.url_of(record_id)
        for path in (page, f"/api/v1/{kind.slug}/{record_id}/", f"{page}tab/changes/"):
            answer = client.get(path)
            if whose in REACHED[scope]:
                assert answer.status_code == 200, (path, whose)
            else:
                assert answer.status_code == (403 if scope == "none" else 404), (path, whose)
                assert firm.name(key, whose) not in content(answer)


def _do(verb: Verb, kind, record, by) -> None:
    """The verb through the services, which pages, API and mass edits call."""
    title = kind.field(kind.title).attribute
    if verb == Verb.EDIT:
        update_record(kind, record, {title: "Zq changed"}, by=by)
    elif verb == Verb.DELETE:
        written = bin_records(kind, [record.pk], by=by)
        restore_records(kind, [each.pk for each in written.records], by=by)
    elif verb == Verb.ASSIGN:
        update_record(kind, record, {f"{kind.owner}_id": by.pk if record.owner_id != by.pk else None}, by=by)
    elif verb == Verb.MASS_EDIT:
        second = create_record(kind, {kind.title: "Zq second"}, by=by).record
        update_records(kind, [record.pk, second.pk], {title: "Zq changed"}, by=by)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.DELETE, Verb.ASSIGN, Verb.MASS_EDIT])
@pytest.mark.parametrize("key", OWNED)
def test_what_may_be_done_to_whose_records(key, verb, scope, firm, with_scope):
    kind, me = record_type(key), with_scope(key, verb, scope)
    for whose in EVERYBODY:
        record = kind.model.objects.get(pk=firm.records[key, whose].pk)
        allowed = whose in REACHED[scope]
        assert may(me, kind, verb, record) == allowed, whose
        with transaction.atomic():
            if allowed:
                _do(verb, kind, record, me)
            else:
                with pytest.raises(DomainError) as refused, transaction.atomic():
                    _do(verb, kind, record, me)
                assert refused.value.status == 403, whose
            transaction.set_rollback(True)


@pytest.mark.parametrize("key", OWNED)
@pytest.mark.parametrize("scope", ["none", "own", "below"])
def test_what_cannot_be_seen_cannot_be_changed_whatever_else_is_allowed(
    key, scope, firm, with_scope, client_of
):
    """Edit, delete and the rest stand on 'all', and still reach only as far as one sees."""
    kind, me = record_type(key), with_scope(key, Verb.SEE, scope)
    client = client_of(firm.workspace, me)
    for whose in EVERYBODY:
        record = firm.records[key, whose]
        assert may(me, kind, Verb.EDIT, record) == (whose in REACHED[scope])
        url = f"/api/v1/{kind.slug}/{record.pk}/"
        answer = client.patch(url, json.dumps({kind.title: "Zq new"}), content_type="application/json")
        hidden = 403 if scope == "none" else 404
        assert answer.status_code == (200 if whose in REACHED[scope] else hidden), whose


WAYS_TO_WRITE = [
    ("POST", "{url}edit/", {"{title}": "Zq changed"}),
    ("POST", "{url}field/{title}/", {"{title}": "Zq changed"}),
    ("POST", "{url}delete/", {}),
    ("POST", "/{slug}/bulk/delete/", {"pick": "{id}"}),
    ("POST", "/{slug}/bulk/change/", {"pick": "{id}", "field": "{title}", "value": "Zq changed"}),
    ("POST", "/{slug}/bulk/assign/", {"pick": "{id}", "value": "{me}", "field": "owner"}),
]


@pytest.mark.parametrize(("method", "path", "data"), WAYS_TO_WRITE)
@pytest.mark.parametrize("key", OWNED)
def test_who_only_looks_changes_nothing_in_any_way(method, path, data, key, firm, client_of):
    kind = record_type(key)
    looker = firm.give({ANY_TYPE: {"see": "all"}})
    record = firm.records[key, "mate"]
    words = {
        "url": kind.url_of(record.pk),
        "slug": kind.slug,
        "id": record.pk,
        "title": kind.title,
        "me": looker.pk,
    }
    body = {name.format(**words): value.format(**words) for name, value in data.items()}
    before = kind.model.everything.get(pk=record.pk)
    answer = client_of(firm.workspace, looker).post(path.format(**words), body)
    assert answer.status_code == 403, content(answer)[:300]
    after = kind.model.everything.get(pk=record.pk)
    assert (after.updated_at, after.deleted_at) == (before.updated_at, None)
    # The same, by somebody who may.
    assert (
        client_of(firm.workspace, firm.give({ANY_TYPE: ALL})).post(path.format(**words), body).status_code
        < 400
    )


@pytest.mark.parametrize("key", OWNED)
def test_who_may_not_create_is_offered_nothing_and_makes_nothing(key, firm, client_of, with_scope):
    kind = record_type(key)
    client = client_of(firm.workspace, with_scope(key, Verb.CREATE, "none"))
    assert f"/{kind.slug}/new/" not in content(client.get(f"/{kind.slug}/"))
    assert client.get(f"/{kind.slug}/new/").status_code == 403
    assert client.post(f"/{kind.slug}/new/", {kind.title: "Zq new"}).status_code == 403
    answer = client.post(f"/api/v1/{kind.slug}/", {kind.title: "Zq new"}, content_type="application/json")
    assert answer.status_code == 403
    client = client_of(firm.workspace, with_scope(key, Verb.CREATE, "all"))
    assert f"/{kind.slug}/new/" in content(client.get(f"/{kind.slug}/"))
    answer = client.post(f"/api/v1/{kind.slug}/", {kind.title: "Zq new"}, content_type="application/json")
    assert answer.status_code == 201


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("key", OWNED)
def test_a_file_holds_what_may_be_taken_out(key, scope, firm, with_scope, client_of):
    kind = record_type(key)
    client = client_of(firm.workspace, with_scope(key, Verb.EXPORT, scope))
    listed = content(client.get(f"/{kind.slug}/?sort={kind.order}"))
    assert ("export.csv" in listed) == (scope != "none")
    answer = client.get(f"/{kind.slug}/export.csv")
    assert answer.status_code == (403 if scope == "none" else 200)
    assert found_in(content(answer), firm, key) == REACHED[scope]


def test_who_may_not_assign_cannot_make_records_for_others(firm, with_scope):
    me, account = with_scope("account", Verb.ASSIGN, "none"), record_type("account")
    assert create_record(account, {"name": "Mine"}, by=me).record.owner_id == me.pk
    with pytest.raises(DomainError):
        create_record(account, {"name": "Theirs", "owner_id": firm.people["mate"].pk}, by=me)


@pytest.mark.parametrize("key", OWNED)
def test_the_bin_shows_and_gives_back_ones_own(key, firm, client_of):
    kind = record_type(key)
    ids = [firm.records[key, whose].pk for whose in EVERYBODY]
    bin_records(kind, ids, by=firm.workspace.owner)
    me = firm.give({ANY_TYPE: {**ALL, "see": "own"}})
    client = client_of(firm.workspace, me)
    assert found_in(content(client.get("/bin/")), firm, key) == {"me"}
    stranger = firm.records[key, "stranger"].pk
    assert client.post(f"/{kind.slug}/restore/", {"pick": str(stranger)}).status_code in (404, 409)
    assert kind.model.everything.get(pk=stranger).deleted_at is not None
    mine = firm.records[key, "me"].pk
    assert client.post(f"/{kind.slug}/restore/", {"pick": str(mine)}).status_code == 302
    assert kind.model.everything.get(pk=mine).deleted_at is None


def test_a_timeline_tells_nothing_of_what_hangs_below_and_is_hidden(firm, client_of):
    """An account that everybody sees, with somebody else's opportunity and what was said about it."""
    account, opportunity = record_type("account"), record_type("opportunity")
    shared = firm.records["account", "me"]
    secret = create_record(
        opportunity, {"name": "Zq secret deal", "account_id": shared.pk, "owner_id": firm.people["stranger"].pk},
        by=None,
    ).record  # fmt: skip
    log_activity(secret, kind="note", text="Zq secret words", by=firm.people["stranger"])
    open_to = {ANY_TYPE: ALL, "opportunity": {**ALL, "see": "own"}}
    client = client_of(firm.workspace, firm.give(open_to))
    for path in (account.url_of(shared.pk), f"{account.url_of(shared.pk)}tab/timeline/", "/", "/reports/"):
        text = content(client.get(path))
        assert "Zq secret" not in text, path
    client = client_of(firm.workspace, firm.give({ANY_TYPE: ALL}))
    text = content(client.get(account.url_of(shared.pk)))
    assert "Zq secret deal" in text and "Zq secret words" in text


def test_a_link_to_what_is_hidden_cannot_be_made_or_found_by(firm, with_scope, client_of):
    me, contact = with_scope("account", Verb.SEE, "own"), record_type("contact")
    theirs = firm.records["account", "stranger"].pk
    with pytest.raises(DomainError) as refused:
        create_record(contact, {"name": "Zq probe", "account_id": theirs}, by=me)
    assert "Zqstranger" not in str(refused.value)
    page = content(client_of(firm.workspace, me).get(f"/contacts/?f=account.any.{theirs}"))
    assert firm.name("account", "stranger") not in page


def test_sums_cover_what_one_sees(firm, client_of):
    """Each opportunity with an amount of its own: the board's total gives a hidden one away otherwise."""
    kind = record_type("opportunity")
    for place, whose in enumerate(EVERYBODY):
        update_record(kind, firm.records["opportunity", whose], {"amount": 10 ** (place + 1)}, by=None)
    for scope, total in (("own", "10"), ("team", "110"), ("below", "1,110"), ("all", "1,111,110")):
        me = firm.give({ANY_TYPE: ALL, "opportunity": {**ALL, "see": scope}})
        board = content(client_of(firm.workspace, me).get("/opportunities/board/"))
        assert f"${total} open" in board, scope


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.DELETE])
def test_what_belongs_to_nobody_is_changed_by_who_may_change_all(verb, scope, firm, with_scope):
    product, me = record_type("product"), with_scope("product", verb, scope)
    record = product.model.objects.get(pk=firm.records["product", "me"].pk)
    assert may(me, product, verb, record) == (scope == "all")
    if scope == "all":
        _do(verb, product, record, me)
    else:
        with pytest.raises(DomainError):
            _do(verb, product, record, me)


def test_who_only_looks_adds_nothing_to_a_record(firm, client_of):
    record = firm.records["account", "mate"]
    looker = firm.give({ANY_TYPE: {"see": "all"}})
    with pytest.raises(DomainError):
        log_activity(record, kind="note", text="Zq a word", by=looker)
    with pytest.raises(DomainError):
        attach_file(record, upload=picture(), by=looker)
    worker = firm.give({ANY_TYPE: {"see": "all", "edit": "own"}})
    assert log_activity(record, kind="note", text="Zq a word", by=worker).record.pk
    assert attach_file(record, upload=picture(), by=worker).record.pk


def test_a_mention_tells_nobody_of_a_record_that_is_hidden(firm):
    me = firm.give({ANY_TYPE: {**ALL, "see": "own"}})
    for whose, told in (("stranger", 0), ("me", 1)):
        record = firm.records["account", whose]
        text = f"Zq look, @{me.name}"
        log_activity(record, kind="note", text=text, mentions=[me.pk], by=firm.people["stranger"])
        assert Notification.objects.filter(person=me).count() == told


def test_every_guarded_type_is_in_the_matrix():
    """A room that comes later is either in these tests or says why not."""
    assert {kind.key for kind in record_types() if kind.guarded} == {*OWNED, "product"}


@pytest.mark.parametrize("key", OWNED)
def test_a_leader_sees_the_team_and_no_other(key, firm, client_of):
    from tenants.people.models import Team

    Team.objects.filter(name="South").update(leader=firm.people["me"])
    me = firm.give({ANY_TYPE: {**ALL, "see": "team"}})
    text = content(client_of(firm.workspace, me).get(f"/{record_type(key).slug}/?q={quote('Zq')}"))
    assert found_in(text, firm, key) == {"me", "mate", "stranger"}


def test_a_page_of_somebody_who_sees_little_costs_few_queries_more(firm, client_of):
    """Teams, territories and shares are read once a request, however many lists ask for them."""
    record = firm.records["account", "me"]
    client = client_of(firm.workspace, firm.give({ANY_TYPE: {**ALL, "see": "below"}}))
    client.get(f"/accounts/{record.pk}/")
    with CaptureQueriesContext(connection) as taken:
        assert client.get(f"/accounts/{record.pk}/").status_code == 200
    statements = [each["sql"] for each in taken]
    for table in ("records_recordshare", "people_team ", "people_territorymember"):
        assert sum(f'FROM "{table.strip()}"' in sql for sql in statements) <= 1, table
