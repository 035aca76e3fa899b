"""Nested questions: compared with hand-written SQL, kept in addresses, bounded by what the asker may see."""

import datetime as dt
import json
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import today
from core.records.filters import BadFilter
from core.records.lists import queryset_of, read_request
from core.records.queries import read_query, write_query
from core.records.types import record_type
from core.records.writing import create_record
from crm.accounts.models import Account
from crm.fields.models import FieldKind
from crm.fields.services.making import FieldForm, make_field
from tenants.people.models import AccessRole, Team, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def firms(workspace):
    """Twelve accounts with contacts and opportunities of all sorts, and an own link and number."""
    accounts, contacts, deals = (record_type(key) for key in ("account", "contact", "opportunity"))
    owner = workspace.owner
    make_field(accounts, FieldKind.NUMBER, given=FieldForm("Size"), by=owner)
    make_field(accounts, FieldKind.LINK, given=FieldForm("Partner", options={"target": "account"}), by=owner)
    accounts = record_type("account")
    size, partner = (accounts.field(name).attribute for name in ("c_size", "c_partner"))
    made = []
    for n in range(12):
        values = {
            "name": f"Firm {n}",
            "city": ("Leeds", "York", "")[n % 3],
            "stage": ("customer", "prospect")[n % 2],
        }
        values |= {"employees": n * 10} if n % 4 else {}
        values |= {size: n} if n % 3 else {}
        values |= {partner: made[n - 2].pk} if n % 5 == 0 and n > 1 else {}
        values |= {"parent_id": made[n // 2].pk} if n % 4 == 3 else {}
        made.append(create_record(accounts, values, by=owner).record)
    for n, firm in enumerate(made):
        for k in range(n % 3):
            create_record(
                contacts,
                {"name": f"C{n}{k}", "account_id": firm.pk, "role": "decides" if k else ""},
                by=owner,
            )
        if n % 4 != 1:
            opened = today() - dt.timedelta(days=n * 20)
            values = {"name": f"D{n}", "account_id": firm.pk, "amount": Decimal(n * 100), "opened_on": opened}
            create_record(deals, values, by=owner)
    return made


def asked(workspace, node, to=None) -> set[str]:
    wanted = read_request(
        record_type("account"), QueryDict(urlencode({"w": json.dumps(node)})), to=to or workspace.owner
    )
    assert wanted.problems == (), wanted.problems
    again = read_request(record_type("account"), QueryDict(wanted.query), to=to or workspace.owner)
    assert again.query == wanted.query, "the address keeps the question"
    found = queryset_of(wanted, to=to or workspace.owner)
    return set(found.values_list("name", flat=True))


def by_hand(condition: str, **values) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT a.name FROM accounts_account a WHERE a.deleted_at IS NULL AND ({condition})", values
        )
        return {name for (name,) in cursor.fetchall()}


_CASES = [
    ("city.is.Leeds", "a.city = 'Leeds'"),
    ({"any": ["city.is.Leeds", "employees.gte.80"]}, "a.city = 'Leeds' OR a.employees >= 80"),
    (
        {"all": [{"any": ["city.is.Leeds", "city.is.York"]}, {"not": "stage.any.customer"}]},
        "a.city IN ('Leeds', 'York') AND a.stage <> 'customer'",
    ),
    ({"not": "employees.gte.50"}, "a.employees IS NULL OR a.employees < 50"),
    ({"not": "c_size.gte.5"}, "a.custom -> 'n_c_size' IS NULL OR (a.custom ->> 'n_c_size')::numeric < 5"),
    (
        {"not": {"any": ["c_size.gte.9", "city.is.York"]}},
        "NOT (coalesce((a.custom ->> 'n_c_size')::numeric >= 9, false) OR a.city = 'York')",
    ),
    ("parent>city.is.Leeds", "EXISTS (SELECT FROM accounts_account p WHERE p.id = a.parent_id AND p.city = 'Leeds')"),
    (
        "c_partner>city.is.Leeds",
        "EXISTS (SELECT FROM accounts_account p"
        " WHERE p.id = (a.custom ->> 'i_c_partner')::uuid AND p.city = 'Leeds')",
    ),
    ({"has": "contact.account"}, "EXISTS (SELECT FROM accounts_contact c WHERE c.account_id = a.id)"),
    ({"no": "contact.account"}, "NOT EXISTS (SELECT FROM accounts_contact c WHERE c.account_id = a.id)"),
    (
        {"all": [{"no": "opportunity.account", "where": "opened_on.period.last_90_days"},
                 {"has": "contact.account", "where": "role.any.decides"}]},
        "NOT EXISTS (SELECT FROM opportunities_opportunity o WHERE o.account_id = a.id"
        " AND o.opened_on BETWEEN %(today)s - 89 AND %(today)s)"
        " AND EXISTS (SELECT FROM accounts_contact c WHERE c.account_id = a.id AND c.role = 'decides')",
    ),
    (
        {"has": "account.c_partner", "where": {"any": ["city.is.York", "employees.empty."]}},
        "EXISTS (SELECT FROM accounts_account p WHERE (p.custom ->> 'i_c_partner')::uuid = a.id"
        " AND (p.city = 'York' OR p.employees IS NULL))",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("node", "condition"), _CASES, ids=lambda case: json.dumps(case)[:60])
def test_it_finds_what_sql_finds(workspace, firms, node, condition):
    expected = by_hand(condition, today=today())
    assert asked(workspace, node) == expected
    assert asked(workspace, {"not": node}) == {firm.name for firm in firms} - expected, (
        "and its denial the rest"
    )
    assert expected not in (set(), {firm.name for firm in firms}), "a case that says something"


_LEAVES = {
    "city.is.Leeds": "a.city = 'Leeds'",
    "employees.gte.50": "coalesce(a.employees >= 50, false)",
    "employees.empty.": "a.employees IS NULL",
    "c_size.lte.6": "coalesce((a.custom ->> 'n_c_size')::numeric <= 6, false)",
    "stage.any.customer": "a.stage = 'customer'",
}
_trees = st.recursive(
    st.sampled_from(sorted(_LEAVES)),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=8,
)


def _sql(node) -> str:
    if isinstance(node, str):
        return _LEAVES[node]
    [(word, parts)] = node.items()
    if word == "not":
        return f"NOT ({_sql(parts)})"
    return "(" + (" AND " if word == "all" else " OR ").join(map(_sql, parts)) + ")"


def _depth(node) -> int:
    if isinstance(node, str):
        return 1
    [(_word, parts)] = node.items()
    return 1 + max(map(_depth, parts if isinstance(parts, list) else [parts]))


def test_any_tree_finds_what_sql_finds(workspace, firms):
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(_trees)
    def check(node):
        if _depth(node) <= 6:
            assert asked(workspace, node) == by_hand(_sql(node))

    check()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "cannot be read"), ("[]", "cannot be read"), ("5", "cannot be read"), ('{"all": []}', "cannot be read"),
        ('"nosuch.is.1"', "no field"), ('"city.gte.1"', "cannot be filtered"), ('"nosuch>city.is.1"', "no field"),
        ('"city>name.is.1"', "no field"), ('{"has": "nosuch.account"}', "no such records"),
        ('{"has": "contact.owner"}', "in that way"), ('{"has": "contact.name"}', "in that way"),
        (json.dumps({"all": ["city.is.x"] * 80}), "too many"), ("x" * 7000, "too long"),
        ('{"not":' * 9 + '"city.is.x"' + "}" * 9, "too deeply"), ('"parent>parent>parent>city.is.x"', "no field"),
        ('"employees.gte.x"', "not a number"), ('{"all": "city.is.x"}', "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_no_question_is_refused_with_a_sentence(workspace, text, sentence):
    with pytest.raises(BadFilter, match=sentence):
        read_query(record_type("account"), text, to=workspace.owner)


def test_it_is_written_as_it_was_read(workspace):
    text = '{"all":["city.is.Leeds",{"no":"contact.account","where":{"any":["role.any.decides","mail.empty."]}}]}'
    assert write_query(read_query(record_type("account"), text, to=workspace.owner)) == text


def test_it_tells_nothing_of_records_that_the_asker_may_not_see(workspace, firms):
    role = AccessRole.objects.create(
        name="R", scopes={"*": {"see": "all"}, "opportunity": {"see": "own"}, "contact": {"see": "none"}},
        fields={"account": {"annual_revenue": "hidden"}},
    )  # fmt: skip
    member = User.objects.create(email="m@x.example", name="Mia", role="member", access_role=role)
    everybody = {firm.name for firm in firms}
    assert asked(workspace, {"has": "opportunity.account"}, to=member) == set()
    assert asked(workspace, {"no": "opportunity.account"}, to=member) == everybody
    for hidden in ({"has": "contact.account"}, "annual_revenue.gte.1", "parent>annual_revenue.gte.1"):
        with pytest.raises(BadFilter):
            read_query(record_type("account"), json.dumps(hidden), to=member) if not isinstance(
                hidden, str
            ) else None
            from core.records.rights import as_seen_by

            read_query(as_seen_by(record_type("account"), member), json.dumps(hidden), to=member)


def test_my_team(workspace, firms):
    team = Team.objects.create(name="Sellers")
    mate = User.objects.create(email="a@x.example", name="Ann", role="member", team=team)
    me = User.objects.create(email="b@x.example", name="Bob", role="admin", team=team)
    Account.objects.filter(pk=firms[0].pk).update(owner=mate)
    assert asked(workspace, "owner.my_team.", to=me) == {"Firm 0"}
    assert asked(workspace, "owner.my_team.") == set(), "somebody without a team has nobody in it"


def test_pages_files_boards_and_the_api_take_the_same_question(workspace, firms, client_of):
    client = client_of(workspace, workspace.owner)
    query = urlencode({"w": json.dumps({"no": "contact.account"})})
    expected = by_hand("NOT EXISTS (SELECT FROM accounts_contact c WHERE c.account_id = a.id)")
    page = client.get(f"/accounts/?{query}").content.decode()
    assert "no contacts" in page
    results = client.get(f"/api/v1/accounts/?{query}&count=1").json()
    assert ({each["name"] for each in results["results"]}, results["count"]) == (expected, len(expected))
    body = b"".join(client.get(f"/accounts/export.csv?{query}&cols=name").streaming_content).decode()
    assert set(body.splitlines()[1:]) == expected
    board = urlencode({"w": json.dumps({"all": ["amount.gte.500", "account>city.is.Leeds"]})})
    cards = client.get(f"/opportunities/board/?{board}").content.decode()
    assert "D6" in cards
    assert "D7" not in cards
    saved = client.post(f"/accounts/views/new/?{query}", {"name": "Nobody there"})
    assert saved.status_code == 302
    assert "Nobody there" in client.get("/accounts/").content.decode()
    assert client.get("/api/v1/accounts/?w=x").status_code == 422
    nothing = urlencode({"w": json.dumps("city.is.Nowhere")})
    assert "No accounts yet" not in client.get(f"/accounts/?{nothing}").content.decode()


def test_the_builder_makes_changes_and_keeps_a_question(workspace, firms, client_of):
    client = client_of(workspace, workspace.owner)
    url = "/accounts/query/"
    assert client.get(url).status_code == 200
    rows = {
        "row": ["0", "1", "2"], "group": ["0", "0", "1"], "inner": ["", "1", ""],
        "subject": ["no:opportunity.account", "f:opened_on", "f:city"], "operator-1": "period",
        "period-1": "last_90_days", "operator-2": "is", "value-2": "Leeds", "join-0": "all", "join-1": "any",
        "not-1": "1", "top": "all",
    }  # fmt: skip
    answer = client.post(url, rows | {"apply": "1"})
    assert answer.status_code == 302, answer.content.decode()[:500]
    wanted = read_request(
        record_type("account"), QueryDict(answer["Location"].partition("?")[2]), to=workspace.owner
    )
    assert json.loads(write_query(wanted.where)) == {
        "all": [
            {"no": "opportunity.account", "where": {"all": ["opened_on.period.last_90_days"]}},
            {"not": "city.is.Leeds"},
        ]
    }  # fmt: skip
    again = client.get(f"{url}?{wanted.query}").content.decode()
    assert again.count('name="subject"') == 3
    assert 'value="Leeds"' in again
    more = client.post(url, rows | {"add": "0"}).content.decode()
    assert more.count('name="subject"') == 4
    fewer = client.post(url, rows | {"remove": "0"}).content.decode()
    assert fewer.count('name="subject"') == 1, "what narrowed it goes along"
    assert client.post(url, rows | {"group-more": "1"}).content.decode().count("<fieldset") == 3
    bad = client.post(url, rows | {"subject": ["f:employees", "f:opened_on", "f:city"], "operator-0": "gte",
                                   "value-0": "many", "inner": ["", "", ""], "apply": "1"})  # fmt: skip
    assert bad.status_code == 422
    assert "many" in bad.content.decode()
    deep = urlencode(
        {"w": json.dumps({"any": [{"all": [{"any": ["city.is.x", "city.is.y"]}, "city.is.z"]}, "city.is.q"]})}
    )
    assert "more deeply" in client.get(f"{url}?{deep}").content.decode()
