"""Brakes for whoever guesses: a few attempts are free, then each further one has to wait twice as long.

Counted in the workspace's part of the cache, by account and by address: while the cache does not answer, nobody is
braked. An attempt is counted before it is looked at, so that a hundred at once are no way round; one that succeeds is
taken back. Time lets go, and so does a new password by mail.
"""

import time
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.limits import TooOften

WINDOW_SECONDS = 3600
"""Failures are forgotten when there was none for so long."""
FIRST_WAIT_SECONDS = 15
LONGEST_WAIT_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class Brake:
    """what: the secret that is guessed. free: attempts without a wait, for one account or one address.

    mail_frees: whether a new password by mail lets go.
    """

    what: str
    free: int
    mail_frees: bool = False

    def attempt(self, who: str) -> None:
        """Call before looking at a secret. who: a mail address, an id or an IP.

        Raises TooOften with the time left.
        """
        count = self._counted(who, 1)
        if count <= self.free:
            return
        wait = min(FIRST_WAIT_SECONDS * 2 ** (count - self.free - 1), LONGEST_WAIT_SECONDS)
        gate = self._key(who, "gate")
        # One attempt passes in each wait; whoever comes in between is refused, and makes it no longer.
        if not cache.add(gate, time.time() + wait, wait):
            self._counted(who, -1)
            left = float(cache.get(gate) or time.time()) - time.time()
            raise TooOften(_sentence(left, self.mail_frees))

    def passed(self, who: str) -> None:
        """The secret was right: what was counted against the account is over."""
        cache.delete_many([self._key(who, "count"), self._key(who, "gate")])

    def take_back(self, who: str) -> None:
        """The last attempt was none: for an address, whose other failures still count."""
        self._counted(who, -1)
        cache.delete(self._key(who, "gate"))

    def _counted(self, who: str, amount: int) -> int:
        key = self._key(who, "count")
        if amount > 0 and cache.add(key, amount, WINDOW_SECONDS):
            return amount
        try:
            count = cache.incr(key, amount)
        except ValueError:  # the window ended in between
            return amount
        cache.touch(key, WINDOW_SECONDS)
        return count

    def _key(self, who: str, part: str) -> str:
        mark = salted_hmac("guanxi.brakes", who.lower(), algorithm="sha256").hexdigest()[:32]
        return f"brake:{part}:{self.what}:{mark}"


BY_ACCOUNT = Brake("password", free=5, mail_frees=True)
BY_ADDRESS = Brake("password-from", free=50)
CODES = Brake("code", free=5)
CODES_BY_ADDRESS = Brake("code-from", free=50)
LINKS = Brake("link-from", free=50)
OUTSIDE = Brake("outside-from", free=50)


def _sentence(seconds: float, mail_frees: bool) -> str:
    if seconds < 60:
        count = max(1, round(seconds))
        text = ngettext(
            "Too many attempts. Try again in %(count)d second.",
            "Too many attempts. Try again in %(count)d seconds.",
            count,
        )
    else:
        count = -(-int(seconds) // 60)
        text = ngettext(
            "Too many attempts. Try again in %(count)d minute.",
            "Too many attempts. Try again in %(count)d minutes.",
            count,
        )
    more = _("A new password by mail lets you in at once.") if mail_frees else ""
    return " ".join(each for each in (text % {"count": count}, more) if each)
