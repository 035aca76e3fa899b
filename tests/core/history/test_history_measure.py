"""The measurement that bench/ builds on."""

import pytest

from core.history.measure import measure_overhead

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "migrator"])


def test_the_overhead_is_measured_and_leaves_nothing_behind(desk):
    figures = measure_overhead(rows=3, rounds=1)
    assert [figure.statement for figure in figures] == ["insert", "update", "delete"]
    assert all(figure.with_ms > 0 and figure.without_ms > 0 for figure in figures)
    assert desk.one("SELECT count(*) FROM hist_change WHERE relation LIKE 'measured%'") == 0
    assert desk.one("SELECT count(*) FROM pg_class WHERE relname LIKE 'measured%'") == 0
