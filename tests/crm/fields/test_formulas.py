"""Formulas: what they give, what they refuse, and that nothing of Python's is reached through them."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.fields.rules.formulas import BadFormula, fitting, in_order, read_formula

TODAY = dt.date(2026, 11, 25)
VALUES = {
    "amount": Decimal("1200.50"), "share": Decimal("12.5"), "count": 3, "none": None, "zero": Decimal(0),
    "tier": "A", "name": "Acme 上海", "yes": True, "no": False, "day": dt.date(2026, 1, 31),
    "moment": dt.datetime(2026, 11, 20, 8, 30, tzinfo=dt.UTC), "tags": ["a", "b"],
}  # fmt: skip


def value(text: str):
    return read_formula(text).value(VALUES, TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("amount * share / 100", Decimal("150.0625")),
        ("=ROUND(amount * share / 100, 2)", Decimal("150.06")),
        ("ROUND(2.5)", Decimal(3)),
        ("ROUND(-2.5)", Decimal(-3)),
        ("0.1 + 0.2", Decimal("0.3")),
        ("amount + none", Decimal("1200.50")),
        ("amount * none", None),
        ("amount / zero", None),
        ("none + none", None),
        ('IF(tier = "a", "visit", "call")', "visit"),
        ('IF(tier <> "A", 1)', None),
        ("IF(amount > 1000, IF(yes, 1, 2), 3)", Decimal(1)),
        ("IF(no, amount / zero, 7)", Decimal(7)),
        ('name & " (" & tier & ")"', "Acme 上海 (A)"),
        ("count & \"\"", "3"),
        ("SUM(1, none, 2)", Decimal(3)),
        ("AVERAGE(1, 2, none)", Decimal("1.5")),
        ("MIN(amount, 5)", Decimal(5)),
        ("MAX(none)", None),
        ("DAYS(TODAY(), day)", Decimal(298)),
        ("moment - day", Decimal(293)),
        ("day + 1", dt.date(2026, 2, 1)),
        ("MONTHS(day, 1)", dt.date(2026, 2, 28)),
        ("MONTHS(day, 25)", dt.date(2028, 2, 29)),
        ("MONTHS(day, -2)", dt.date(2025, 11, 30)),
        ("YEAR(day) * 100 + MONTH(day)", Decimal(202601)),
        ("FIRST(none, tier)", "A"),
        ("EMPTY(none) and not EMPTY(tier)", True),
        ("none > 5", False),
        ("none = 0", False),
        ('none = ""', True),
        ("amount ≥ 1200.5", True),
        ("1 < count < 5", True),
        ("POWER(2, 10)", Decimal(1024)),
        ("POWER(2, 1000)", None),
        ("LEFT(name, 4)", "Acme"),
        ("RIGHT(name, 2)", "上海"),
        ('CONTAINS(name, "ACME")', True),
        ("LEN(name)", Decimal(7)),
        ("IF（yes，“是”，“否”）", "是"),
        ("100000000000000 * 100000000", None),
    ],
)  # fmt: skip
def test_a_formula_gives(text, expected):
    found = value(text)
    assert found == expected
    assert not isinstance(found, float)


@pytest.mark.parametrize(
    "text",
    [
        "", "1 +", "(1", "a b", "__import__('os')", "().__class__", "name.upper()", "open('x')", "[1, 2]", "{1: 2}",
        "lambda: 1", "x := 1", "f'{name}'", "a[0]", "a ** b", "1 if a else 2", "[x for x in y]", "eval('1')",
        "IF()", "IF(1, 2, 3, 4)", "ROUND(**x)", "SUM(*a)", "a.b", "a; b", "import os", "None", "...", "1j", "b'x'",
        "~1", "a << 3", "a | b", "a @ b", "a is b", "a in b", "await x", "yield", "TODAY(1)", "NOSUCH(1)",
        "(" * 100 + "1" + ")" * 100 + "+" * 50, "1+" * 60 + "1", "x" * 1001, "\x00",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused_with_a_sentence(text):
    with pytest.raises(BadFormula, match=r"\w"):
        read_formula(text)


@given(st.text(alphabet=st.sampled_from("abcIF(),.+-*/=<>&\"'1_[]{} :;@~TODAY"), max_size=60))
def test_any_text_is_a_formula_or_refused(text):
    try:
        formula = read_formula(text)
    except BadFormula:
        return
    formula.value({**VALUES, "a": "x" * 200}, TODAY)


def test_large_texts_do_not_grow_without_end():
    formula = read_formula("&".join(["a"] * 30))
    assert len(formula.value({"a": "x" * 20_000}, TODAY)) <= 500


def test_the_order_is_that_of_what_is_read():
    formulas = {"a": read_formula("b + c"), "b": read_formula("c * 2"), "c": read_formula("amount")}
    assert in_order(formulas) == ["c", "b", "a"]


def test_a_circle_is_named():
    formulas = {"a": read_formula("b"), "b": read_formula("c"), "c": read_formula("a + 1")}
    with pytest.raises(BadFormula, match="a → b → c → a"):
        in_order(formulas)


@pytest.mark.parametrize(
    ("found", "options", "kept"),
    [
        (Decimal("2.345"), {"result": "number", "decimals": 2}, Decimal("2.35")),
        (True, {"result": "number", "decimals": 0}, Decimal(1)),
        ("text", {"result": "number"}, None),
        (Decimal("2.50"), {"result": "text"}, "2.5"),
        (dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC), {"result": "date"}, dt.date(2026, 1, 2)),
        (Decimal(1), {"result": "date"}, None),
        (Decimal(0), {"result": "yes_no"}, False),
    ],
)
def test_a_result_fits_its_field_or_is_empty(found, options, kept):
    assert fitting(found, options) == kept
