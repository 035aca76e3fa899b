"""What an address may be. Pure."""

import re
import unicodedata

from django.utils.translation import gettext as _

from core.errors import DomainError

SHORTEST, LONGEST = 3, 40
SUGGESTIONS = 4
_ALLOWED = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_RESERVED = """
    admin administrator api app apps assets auth billing blog cdn console contact dashboard
    demo-data dev docs download email example files ftp guanxi help host imap internal invoice
    legal localhost login mail media mx news ns ns1 ns2 official operator ops pay payment payments
    pop portal postmaster press prices privacy public root sales secure security shop signin signup
    smtp ssl staging static status store support sysadmin system team terms test trust update
    webmail webmaster workspace www
"""
RESERVED = frozenset(_RESERVED.split())


def check_address(address: str) -> None:
    """address: the part before the base host. Raises DomainError with a sentence."""
    problem = ""
    if len(address) < SHORTEST:
        problem = _("At least %(count)d characters.") % {"count": SHORTEST}
    elif len(address) > LONGEST:
        problem = _("At most %(count)d characters.") % {"count": LONGEST}
    elif not _ALLOWED.fullmatch(address):
        problem = _("Only small letters, digits and hyphens; no hyphen at either end.")
    elif "--" in address:
        problem = _("No two hyphens in a row.")
    elif address in RESERVED:
        problem = _("This address is reserved.")
    if problem:
        raise DomainError(problem, fields={"address": problem})


def suggest_addresses(name: str) -> list[str]:
    """Addresses made of a workspace's name in Latin letters, best first; [] when nothing usable is in it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9]+", "-", plain.replace("&", " and "))).strip("-")[:LONGEST]
    base = base.rstrip("-")
    if not base:
        return []
    stem = base[:30].rstrip("-")
    tries = [base, f"{stem}-crm", f"{stem}-hq", f"{stem}-2", f"{stem}-3", f"{stem}-team"]
    return [each for each in tries if each not in RESERVED and len(each) >= SHORTEST]
