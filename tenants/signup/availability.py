"""Is an address free? For the live check; the claim itself decides."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import DomainError
from core.records.text import sort_key
from tenants.registry.models import Domain
from tenants.signup.models import PendingSignUp
from tenants.signup.rules import SUGGESTIONS, check_address, suggest_addresses


@dataclass(frozen=True, slots=True)
class Availability:
    """sentence: what is wrong, '' when the address is free or nothing was typed. suggestions: free ones."""

    address: str
    is_free: bool
    sentence: Any = ""
    suggestions: tuple[str, ...] = ()


def look_up(address: str, *, workspace: str) -> Availability:
    """address: as typed. workspace: the name, for suggestions; Chinese gives pinyin."""
    address = address.strip().lower()
    if not address:
        return Availability(address, False, "", _free_of(workspace))
    try:
        check_address(address)
    except DomainError as error:
        return Availability(address, False, error.message, _free_of(workspace or address))
    if _taken({address}):
        return Availability(address, False, _("This address is taken."), _free_of(workspace, address))
    return Availability(address, True)


def _free_of(*names: str) -> tuple[str, ...]:
    """Addresses that nobody has, made of the names in this order."""
    made = [each for name in names if name for each in suggest_addresses(_latin(name))]
    taken = _taken(set(made))
    return tuple([each for each in dict.fromkeys(made) if each not in taken][:SUGGESTIONS])


def _latin(name: str) -> str:
    """Chinese in pinyin, syllables joined: '海曙口腔' → 'haishukouqiang'."""
    return name if name.isascii() else sort_key(name).replace(" ", "")


def _taken(addresses: set[str]) -> set[str]:
    base = settings.GUANXI["BASE_HOST"]
    hosts = {f"{each}.{base}": each for each in addresses}
    found = Domain.objects.filter(domain__in=hosts).values_list("domain", flat=True)
    waiting = PendingSignUp.objects.filter(address__in=addresses, expires_at__gt=now())
    return {hosts[host] for host in found} | set(waiting.values_list("address", flat=True))
