"""How often one visitor may do what costs us something.

Counted in the cache: while that does not answer, nobody is refused.
"""

from django.core.cache import caches
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from core.errors import DomainError


class TooOften(DomainError):
    """Asked for too often; says when to come back."""

    code = "too_often"
    status = 429


def spend(what: str, who: str, *, limit: int, seconds: int, amount: int = 1) -> None:
    """Count `amount` of `what` of `who` (an IP or mail address, stored hashed) in a window of `seconds`.

    limit: 0 for none. Raises TooOften beyond it; what is refused is not counted.
    """
    if not limit:
        return
    key = f"limit:{what}:{salted_hmac('guanxi.limits', who, algorithm='sha256').hexdigest()[:32]}"
    cache = caches["default"]
    count = amount if cache.add(key, amount, seconds) else _counted(key, amount, seconds)
    if count > limit:
        cache.incr(key, -amount)
        raise TooOften(_sentence(seconds))


def _counted(key: str, amount: int, seconds: int) -> int:
    try:
        return caches["default"].incr(key, amount)
    except ValueError:  # the window ended in between
        caches["default"].set(key, amount, seconds)
        return amount


def _sentence(seconds: int) -> str:
    if seconds >= 2 * 3600:
        return _("That was asked for too often. Please try again in %(hours)d hours.") % {
            "hours": seconds // 3600
        }
    return _("That was asked for too often. Please try again in %(minutes)d minutes.") % {
        "minutes": max(1, seconds // 60)
    }
