"""Random operations in random batches: undone in reverse they give every state back; redone, the later."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extras import Json

from core.history.context import change
from core.history.undo import undo

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "migrator"])

values = st.one_of(
    st.none(),
    st.integers(-5, 5),
    st.decimals(-9, 9, places=2).map(float),
    st.text("aé\"\\'. *%", max_size=4),
    st.lists(st.integers(0, 2), max_size=2),
)
extra = st.one_of(
    st.none(), st.dictionaries(st.sampled_from(["a", "b", "x.*", "", "é", "%s"]), values, max_size=3)
)
# What a workspace's own fields hold: an empty value has no key.
own = st.dictionaries(
    st.sampled_from(["t_a", "n_b", "l_é'%s"]),
    st.one_of(st.integers(-5, 5), st.just(1.0), st.text("aé\"\\'%", max_size=3), st.lists(st.integers(0, 2))),
)
which = st.integers(0, 9)
operations = st.one_of(
    st.tuples(st.just("company"), st.text('aé"\\', max_size=3), extra),
    st.tuples(st.just("contact"), which, extra),
    st.tuples(st.just("deal"), which, st.decimals(-9, 9, places=2)),
    st.tuples(st.just("bulk"), st.integers(0, 7), extra),
    st.tuples(st.just("many"), st.integers(20, 25), st.none()),
    st.tuples(st.just("edit"), which, extra),
    st.tuples(st.just("own"), which, own),
    st.tuples(st.just("all own"), st.integers(0, 2), own),
    st.tuples(st.just("point"), which, which),
    st.tuples(st.just("drop contact"), which, st.none()),
    st.tuples(st.just("drop deal"), which, st.none()),
    st.tuples(st.just("again"), which, st.none()),
    st.tuples(st.just("tags"), st.lists(st.text('a,{"\\', max_size=2), max_size=2), st.dates()),
)


def pick(desk, table: str, number: int) -> str | None:
    rows = desk.sql(f"SELECT id::text FROM {table} ORDER BY id")
    return rows[number % len(rows)][0] if rows else None


def perform(desk, kind: str, first, second) -> None:
    """One operation of the strategy on the tables; what does not apply changes nothing."""
    if kind == "company":
        desk.company(first, extra=Json(second))
    elif kind == "contact":
        desk.contact("c", company_id=pick(desk, "try_company", first), extra=Json(second))
    elif kind == "deal":
        desk._insert("try_deal", title="t", contact_id=pick(desk, "try_contact", first), amount=second)
    elif kind == "bulk":
        desk.sql("UPDATE try_contact SET score = coalesce(score, 0) + %s, extra = %s", [first, Json(second)])
    elif kind == "many":
        desk.sql(
            "INSERT INTO try_contact (id, name) SELECT uuidv7(), 'm' || n FROM generate_series(1, %s) n",
            [first],
        )
    elif kind == "edit":
        desk.sql(
            "UPDATE try_contact SET extra = %s, amount = coalesce(amount, 1.0) * 1.10 WHERE id = %s",
            [Json(second), pick(desk, "try_contact", first)],
        )
    elif kind == "own":
        desk.sql(
            "UPDATE try_contact SET custom = %s WHERE id = %s",
            [Json(second), pick(desk, "try_contact", first)],
        )
    elif kind == "all own":
        desk.sql("UPDATE try_contact SET custom = custom - 't_a' || %s", [Json(second)])
    elif kind == "point":
        desk.sql(
            "UPDATE try_deal SET contact_id = %s WHERE id = %s",
            [pick(desk, "try_contact", first), pick(desk, "try_deal", second)],
        )
    elif kind == "drop contact":
        contact = pick(desk, "try_contact", first)
        desk.sql("UPDATE try_deal SET contact_id = NULL WHERE contact_id = %s", [contact])
        desk.sql("DELETE FROM try_contact WHERE id = %s", [contact])
    elif kind == "drop deal":
        desk.sql("DELETE FROM try_deal WHERE id = %s", [pick(desk, "try_deal", first)])
    elif kind == "again":  # deleted and made again under the same id
        desk.sql(
            "WITH gone AS (DELETE FROM try_deal WHERE id = %s RETURNING *) SELECT count(*) FROM gone",
            [deal := pick(desk, "try_deal", first)],
        )
        if deal:
            desk.sql("INSERT INTO try_deal (id, title) VALUES (%s, 'again')", [deal])
    else:
        desk.sql("UPDATE try_contact SET tags = %s, born = %s", [first, second])


def test_undo_in_reverse_gives_every_state_back(desk):
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.lists(operations, min_size=1, max_size=6), min_size=1, max_size=4))
    def check(batches):
        done = []
        for batch in batches:
            before = desk.state()
            with change() as entry:
                for kind, first, second in batch:
                    perform(desk, kind, first, second)
            done.append((entry.batch, before, desk.state()))
        for batch, before, after in reversed(done):
            undone = undo(batch)
            assert (undone.kept, desk.state()) == ([], before)
            redone = undo(undone.batch)
            assert (redone.kept, desk.state()) == ([], after)
            undo(redone.batch)
            assert desk.state() == before

    check()
