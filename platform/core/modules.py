"""Parts of the product that a workspace can switch off: what belongs to each is declared once, and asked here.

What is off is hidden, never deleted: its record types are seen by nobody, the fields that link to them are not there,
its pages answer 404 and no menu, palette, search or API tells of it. Whether a plan brings something is another
question (core.entitlements): a module can be on and still not be in the plan.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from django.utils.translation import gettext as _

from core.entitlements import Feature
from core.errors import DomainError
from core.tenancy.scope import peek, remember

_MEMO = "modules.off"


@dataclass(frozen=True, slots=True)
class Module:
    """One switch. key: never changes. note: one sentence of what it is for.

    record_types: keys of what it brings. routes: names of its addresses, `*` for any part.
    tabs: keys of its tabs of record pages. blocks: what else goes with it, in words.
    needs: keys of the modules that it does nothing without. feature: what the plan must bring for it.
    """

    key: str
    label: Any
    note: Any
    icon: str
    record_types: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    tabs: tuple[str, ...] = ()
    blocks: tuple[Any, ...] = ()
    needs: tuple[str, ...] = ()
    feature: Feature | None = None


class ModuleOff(DomainError):
    """The page or record type belongs to a module that this workspace has switched off."""

    code = "module_off"
    status = 404

    def __init__(self, module: Module) -> None:
        self.module = module
        words = {"module": module.label}
        super().__init__(
            _("The module “%(module)s” is switched off. Nothing of it was deleted: Settings → Modules.")
            % words
        )


_modules: dict[str, Module] = {}
_of_type: dict[str, str] = {}
_switched_off: list[Callable[[], Iterable[str]]] = []


def use_modules(modules: Iterable[Module], switched_off: Callable[[], Iterable[str]]) -> None:
    """config's visible list, and who knows what the workspace at hand has switched off (keys).

    Raises ValueError when two modules share a key or a record type, or one needs what stands behind it: a module
    stands after those that it needs.
    """
    _modules.clear()
    _of_type.clear()
    for module in modules:
        if module.key in _modules or set(module.record_types) & set(_of_type):
            raise ValueError(f"module {module.key!r} is declared twice")
        if set(module.needs) - set(_modules):
            raise ValueError(f"module {module.key!r} stands before one that it needs")
        _modules[module.key] = module
        _of_type.update(dict.fromkeys(module.record_types, module.key))
    _switched_off[:] = [switched_off]


def modules() -> tuple[Module, ...]:
    """All of them, in the order of config's list."""
    return tuple(_modules.values())


def module(key: str) -> Module:
    """Raises KeyError for an unknown key."""
    return _modules[key]


def dependents(key: str) -> list[Module]:
    """The modules that do nothing without this one, also by way of others, in the list's order."""
    gone = {key}
    found = []
    for each in _modules.values():
        if gone & set(each.needs):
            gone.add(each.key)
            found.append(each)
    return found


def modules_off() -> frozenset[str]:
    """Keys of what is hidden in the workspace at hand: switched off, or in need of something that is.

    Read once a request or task. Outside a workspace nothing is off.
    """
    scope = peek()
    if scope is None or scope.is_public or not _switched_off:
        return frozenset()
    off: frozenset[str] = remember(_MEMO, lambda: hidden_with(_switched_off[0]()))
    return off


def hidden_with(switched_off: Iterable[str]) -> frozenset[str]:
    """These modules, and all that do nothing without one of them."""
    off = set(switched_off) & set(_modules)
    for each in _modules.values():
        if off & set(each.needs):
            off.add(each.key)
    return frozenset(off)


def is_on(key: str) -> bool:
    """Of a module by its key."""
    return key not in modules_off()


def module_of_type(record_type: str) -> Module | None:
    """By a record type's key. None: it cannot be switched off."""
    key = _of_type.get(record_type)
    return _modules[key] if key else None


def module_of_route(name: str) -> Module | None:
    """By the name of an address."""
    return next((each for each in _modules.values() if _has_route(each, name)), None)


def off_module_of_type(record_type: str) -> Module | None:
    """The module that hides a record type now; None where it is shown."""
    off = modules_off()
    key = _of_type.get(record_type) if off else None
    return _modules[key] if key in off else None


def off_module_of_route(name: str, record_type: str = "") -> Module | None:
    """The module that hides an address now. record_type: key of the one that the address is about."""
    off = modules_off()
    if not off:
        return None
    found = off_module_of_type(record_type) if record_type else None
    return found or next(
        (_modules[key] for key in _modules if key in off and _has_route(_modules[key], name)), None
    )


def hides_tab(key: str) -> bool:
    """Whether a tab of record pages belongs to what is off."""
    return any(key in _modules[each].tabs for each in modules_off())


def _has_route(module: Module, name: str) -> bool:
    return any(fnmatchcase(name, each) for each in module.routes) or any(
        name in (f"api_{each}", f"api_{each}_list") for each in module.record_types
    )
