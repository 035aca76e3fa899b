"""Geometry of the charts."""

from decimal import Decimal

import pytest

from web.charts import Figure, bars, columns, funnel, line, nice_top, share_of_whole, spark


def figures(*values: int | Decimal) -> list[Figure]:
    return [Figure(str(place), value, f"{value}") for place, value in enumerate(values)]


def plain(value: Decimal) -> str:
    return f"{value:f}"


def test_the_longest_bar_fills_the_box_and_the_others_are_in_proportion():
    assert [bar.width for bar in bars(figures(50, 200, 0))] == ["25", "100", "0"]


def test_a_funnel_stands_in_the_middle():
    assert [(bar.start, bar.width) for bar in funnel(figures(100, 50))] == [("0", "100"), ("25", "50")]


def test_negative_figures_have_no_length():
    assert [bar.width for bar in bars(figures(-5, 10))] == ["0", "100"]


def test_the_parts_of_a_whole_fill_the_bar_with_gaps_between_them():
    parts = share_of_whole(figures(1, 0, 3), gap=Decimal(2))
    assert [(part.start, part.width, part.series) for part in parts] == [
        ("0", "24.5", 0),
        ("26.5", "73.5", 1),
    ]


@pytest.mark.parametrize(
    ("greatest", "top"),
    [(0, "4"), (1, "1"), (3, "4"), (7, "8"), (10, "10"), (39_999, "40000"), (41_000, "50000"), (999, "1000")],
)
def test_the_axis_ends_at_a_round_figure_that_holds_all(greatest: int, top: str):
    assert nice_top(figures(greatest)) == Decimal(top)


def test_the_axis_of_fractions_is_round_too():
    assert nice_top(figures(Decimal("0.034"))) == Decimal("0.04")


def test_columns_share_the_width_and_stand_on_the_ground():
    plot = columns(figures(10, 5), plain)
    first, second = plot.columns
    assert (first.x, first.y, first.width, first.height) == ("7.5", "0", "35", "100")
    assert (second.x, second.y, second.height) == ("57.5", "50", "50")
    assert [(tick.y, tick.shown) for tick in plot.ticks][0] == ("0", "10")
    assert plot.ticks[-1].shown == "0"


def test_a_line_ends_at_both_edges_and_its_area_is_closed():
    plot = line(figures(0, 4, 8), plain)
    assert plot.line == "M0 100 L50 50 L100 0"
    assert plot.area == "M0 100 L50 50 L100 0 L100 100 L0 100 Z"


def test_many_labels_are_thinned_to_three():
    assert line(figures(*range(40)), plain).axis == ["0", "20", "39"]
    assert columns(figures(*range(12)), plain).axis == [str(place) for place in range(12)]


def test_nothing_to_draw_draws_nothing():
    assert bars([]) == [] and share_of_whole(figures(0)) == []
    assert columns([], plain).columns == () and line([], plain).line == "" and spark([]).area == ""


def test_a_level_run_is_a_level_line_in_the_middle():
    assert spark([5, 5]).line == "M0 50 L100 50"


def test_a_single_figure_does_not_divide_by_nothing():
    assert spark([7]).line == "M0 50" and line(figures(7), plain).line.startswith("M0 ")
