"""Formulas: what a field holds that follows from others of its record.

Written as in a spreadsheet: `amount * probability_percent / 100`, `IF(tier = "A", "visit", "call")`,
`DAYS(TODAY(), c_installed)`. Read and evaluated by the library simpleeval over its syntax tree: nothing but the
operators and functions below exists, no attribute and no name of Python's can be reached. Numbers are exact.

Empty values: in sums they count as nothing, in products and quotients they make the result empty; so does a division
by zero. `&` joins texts.
"""

import ast
import datetime as dt
import functools
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException, localcontext
from typing import Any

from django.utils.translation import gettext as _
from simpleeval import InvalidExpression, SimpleEval

LONGEST = 1_000
_DEEPEST = 40
_DIGITS = 28
_LARGEST = Decimal(10) ** 15
_TEXT_LIMIT = 500
_QUOTES = str.maketrans("“”„‘’", '"""\'\'')


class BadFormula(ValueError):
    """A formula that cannot be used. Its message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Formula:
    """names: of the fields that it reads. volatile: whether its value changes from day to day."""

    text: str
    names: frozenset[str]
    volatile: bool
    _tree: ast.AST

    def value(self, values: Mapping[str, Any], today: dt.date) -> Any:
        """The value over a record's values by field name; None when it is empty or cannot be worked out."""
        engine = _Engine(values, today)
        try:
            with localcontext() as context:
                context.prec = _DIGITS
                return engine.eval(self.text, previously_parsed=self._tree)
        except (InvalidExpression, DecimalException, TypeError, ValueError, ArithmeticError, RecursionError):
            return None


@functools.lru_cache(maxsize=2048)
def read_formula(text: str) -> Formula:
    """Raises BadFormula with what is wrong. The names are not compared with any record type's."""
    if len(text) > LONGEST:
        raise BadFormula(_("A formula has at most %(count)d characters.") % {"count": LONGEST})
    try:
        tree = ast.parse(_as_python(text), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadFormula(_("This cannot be read as a formula. Look at brackets, quotes and commas."))
    names = _names(tree)
    functions = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call)}  # type: ignore[attr-defined]
    return Formula(text, frozenset(names), "TODAY" in functions, tree)


def _as_python(text: str) -> str:
    """Spreadsheets compare with `=` and `<>`; Python's words for both differ. Texts in quotes are left alone."""
    text = text.translate(_QUOTES)
    parts = re.split(r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')", text.strip().removeprefix("="))
    for place in range(0, len(parts), 2):
        bare = parts[place].replace("<>", "!=").replace("；", ",").replace("，", ",").replace("（", "(")
        bare = bare.replace("）", ")").replace("≤", "<=").replace("≥", ">=").replace("≠", "!=")
        parts[place] = re.sub(r"(?<![<>!=])=(?!=)", "==", bare)
    return "".join(parts)


def _names(tree: ast.AST) -> set[str]:
    """The fields that the tree names. Raises BadFormula for what no formula may hold."""
    called, names = set(), set()
    if _depth(tree) > _DEEPEST:
        raise BadFormula(_("This formula is nested too deeply."))
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise BadFormula(_("This cannot be read as a formula. Look at brackets, quotes and commas."))
        if isinstance(node, ast.Constant) and not isinstance(node.value, str | int | float | bool):
            raise BadFormula(_("This cannot be read as a formula. Look at brackets, quotes and commas."))
        if isinstance(node, ast.Call):
            _check_call(node)
            called.add(id(node.func))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and id(node) not in called and node.id not in _CONSTANTS:
            names.add(node.id)
    return names


def _check_call(node: ast.Call) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in _FUNCTIONS:
        raise BadFormula(_("There is no function “%(name)s”.") % {"name": name[:40] or "?"})
    least, most, _function = _FUNCTIONS[name]
    if node.keywords or not least <= len(node.args) <= most:
        raise BadFormula(_("“%(name)s” has the wrong number of values.") % {"name": name})


def _depth(tree: ast.AST) -> int:
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
    return deepest


def in_order(formulas: Mapping[str, Formula]) -> list[str]:
    """The names so that each comes after those it reads. Raises BadFormula naming the fields of a circle."""
    done: list[str] = []
    for name in formulas:
        _visit(name, formulas, done, [])
    return done


def _visit(name: str, formulas: Mapping[str, Formula], done: list[str], path: list[str]) -> None:
    if name in done:
        return
    if name in path:
        circle = " → ".join([*path[path.index(name) :], name])
        raise BadFormula(_("These fields are worked out from each other: %(circle)s.") % {"circle": circle})
    for each in sorted(formulas[name].names):
        if each in formulas:
            _visit(each, formulas, done, [*path, name])
    done.append(name)


class _Engine(SimpleEval):
    """Exact numbers, empty values, and no more than the operators and functions of this module."""

    def __init__(self, values: Mapping[str, Any], today: dt.date) -> None:
        functions = {name: function for name, (_least, _most, function) in _FUNCTIONS.items()}
        functions["TODAY"] = lambda: today
        super().__init__(operators=_OPERATORS, functions=functions, names={**values, **_CONSTANTS})
        known: dict[Any, Any] = self.nodes  # type: ignore[has-type]
        self.nodes = {each: known[each] for each in known if issubclass(each, _ALLOWED)}
        self.nodes[ast.Constant] = self._constant
        self.nodes[ast.Call] = self._call

    @staticmethod
    def _constant(node: ast.Constant) -> Any:
        value = node.value
        return (
            Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value
        )

    def _call(self, node: ast.Call) -> Any:
        """IF works out only the branch that is taken."""
        if isinstance(node.func, ast.Name) and node.func.id == "IF":
            chosen = (
                node.args[1] if self._eval(node.args[0]) else (node.args[2] if len(node.args) > 2 else None)
            )
            return None if chosen is None else self._eval(chosen)
        return self._eval_call(node)


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        return Decimal(int(value))
    return Decimal(value) if isinstance(value, int) else value


def _sum_of(apply: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Adding and taking away: empty counts as nothing; a day and a number of days give a day."""

    def both(left: Any, right: Any) -> Any:
        left, right = _number(left), _number(right)
        if isinstance(left, dt.date) and isinstance(right, dt.date):
            return Decimal((_day(left) - _day(right)).days) if apply is operator.sub else None
        if isinstance(left, dt.date):
            return apply(left, dt.timedelta(days=int(right or 0)))
        if left is None and right is None:
            return None
        return _within(
            apply(left if left is not None else Decimal(0), right if right is not None else Decimal(0))
        )

    return both


def _product_of(apply: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def both(left: Any, right: Any) -> Any:
        left, right = _number(left), _number(right)
        if not (isinstance(left, Decimal) and isinstance(right, Decimal)):
            return None
        return _within(apply(left, right))

    return both


def _within(value: Any) -> Any:
    if isinstance(value, Decimal) and (not value.is_finite() or abs(value) >= _LARGEST):
        raise ValueError("too large")
    return value


def _compared(apply: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Nothing is larger or smaller than what is empty; texts are the same in any case."""

    def both(left: Any, right: Any) -> bool:
        left, right = (_folded(_number(each)) for each in (left, right))
        if apply in (operator.eq, operator.ne):
            same = (left in (None, "", ()) and right in (None, "", ())) or left == right
            return same if apply is operator.eq else not same
        return left is not None and right is not None and bool(apply(left, right))

    return both


def _folded(value: Any) -> Any:
    if isinstance(value, str):
        return value.casefold()
    return tuple(value) if isinstance(value, list) else value


def _joined(*values: Any) -> str:
    return "".join(_written(value) for value in values)[:_TEXT_LIMIT]


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _day(value: Any) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def _rounded(value: Any, places: Any = Decimal(0)) -> Any:
    """Half away from zero, as people round."""
    if not isinstance(value := _number(value), Decimal):
        return None
    return value.quantize(Decimal(1).scaleb(-max(0, min(6, int(places or 0)))), rounding="ROUND_HALF_UP")


def _given(values: Iterable[Any]) -> list[Any]:
    return [_number(value) for value in values if value not in (None, "")]


def _of_given(apply: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    def over(*values: Any) -> Any:
        given = _given(values)
        return apply(given) if given else None

    return over


def _of_day(part: str) -> Callable[[Any], Any]:
    return lambda value: Decimal(getattr(value, part)) if isinstance(value, dt.date) else None


def _days(later: Any, earlier: Any) -> Any:
    if not (isinstance(later, dt.date) and isinstance(earlier, dt.date)):
        return None
    return Decimal((_day(later) - _day(earlier)).days)


def _months(value: Any, count: Any) -> Any:
    """The same day so many months on; the last day of a shorter month."""
    if not isinstance(value, dt.date) or count is None:
        return None
    months = value.year * 12 + value.month - 1 + int(count)
    year, month = divmod(months, 12)
    for day in range(value.day, 27, -1):
        try:
            return dt.date(year, month + 1, day)
        except ValueError:
            continue
    return dt.date(year, month + 1, min(value.day, 28))


def _power(base: Any, exponent: Any) -> Any:
    base, exponent = _number(base), _number(exponent)
    if base is None or exponent is None or abs(exponent) > 100:
        return None
    return _within(base**exponent)


def _text_of(apply: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda value: apply(_written(value))


_OPERATORS: dict[Any, Callable[..., Any]] = {
    ast.Add: _sum_of(operator.add),
    ast.Sub: _sum_of(operator.sub),
    ast.Mult: _product_of(operator.mul),
    ast.Div: _product_of(operator.truediv),
    ast.Mod: _product_of(operator.mod),
    ast.BitAnd: _joined,
    ast.USub: lambda value: None if value is None else -_number(value),
    ast.UAdd: lambda value: value,
    ast.Not: lambda value: not value,
    ast.Eq: _compared(operator.eq),
    ast.NotEq: _compared(operator.ne),
    ast.Gt: _compared(operator.gt),
    ast.Lt: _compared(operator.lt),
    ast.GtE: _compared(operator.ge),
    ast.LtE: _compared(operator.le),
}
_MANY = 30
_FUNCTIONS: dict[str, tuple[int, int, Callable[..., Any]]] = {
    "IF": (2, 3, lambda *values: None),
    "AND": (1, _MANY, lambda *values: all(values)),
    "OR": (1, _MANY, lambda *values: any(values)),
    "NOT": (1, 1, lambda value: not value),
    "EMPTY": (1, 1, lambda value: value in (None, "", [])),
    "FIRST": (1, _MANY, lambda *values: next((v for v in values if v not in (None, "", [])), None)),
    "SUM": (1, _MANY, _of_given(sum)),
    "MIN": (1, _MANY, _of_given(min)),
    "MAX": (1, _MANY, _of_given(max)),
    "AVERAGE": (1, _MANY, _of_given(lambda values: sum(values) / len(values))),
    "ROUND": (1, 2, _rounded),
    "ABS": (1, 1, lambda value: None if value is None else abs(_number(value))),
    "POWER": (2, 2, _power),
    "TODAY": (0, 0, lambda: None),
    "DAYS": (2, 2, _days),
    "MONTHS": (2, 2, _months),
    "YEAR": (1, 1, _of_day("year")),
    "MONTH": (1, 1, _of_day("month")),
    "DAY": (1, 1, _of_day("day")),
    "CONCAT": (1, _MANY, _joined),
    "UPPER": (1, 1, _text_of(str.upper)),
    "LOWER": (1, 1, _text_of(str.lower)),
    "TRIM": (1, 1, _text_of(lambda text: " ".join(text.split()))),
    "LEN": (1, 1, _text_of(lambda text: Decimal(len(text)))),
    "LEFT": (2, 2, lambda value, count: _written(value)[: max(0, int(count or 0))]),
    "RIGHT": (2, 2, lambda value, count: _written(value)[-int(count) :] if count and int(count) > 0 else ""),
    "CONTAINS": (2, 2, lambda value, part: _written(part).casefold() in _written(value).casefold()),
}
_CONSTANTS = {"TRUE": True, "FALSE": False, "True": True, "False": False}
_ALLOWED = (
    ast.Constant, ast.Name, ast.Load, ast.Call, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.And, ast.Or,
    *_OPERATORS,
)  # fmt: skip
FUNCTION_NAMES = tuple(_FUNCTIONS)


def fitting(value: Any, options: Mapping[str, Any]) -> Any:
    """A formula's value as its field keeps it; what is of another kind is empty. options: result, decimals."""
    result = options.get("result", "text")
    if value is None or value == "":
        return None
    if result == "text":
        return _joined(value)
    if result == "yes_no":
        return bool(value)
    if result == "date":
        return _day(value) if isinstance(value, dt.date) else None
    number = _number(value)
    return _rounded(number, options.get("decimals", 2)) if isinstance(number, Decimal) else None
