"""Guessing slows down, by account and by address, and time or a new password lets go."""

import re
import time

import pytest
from django.conf import settings

from core.limits import TooOften
from tenants.people.models import EventKind, SecurityEvent
from tenants.people.security.brakes import FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, Brake

pytestmark = pytest.mark.django_db
BRAKE = Brake("test", free=3)


@pytest.fixture
def clock(monkeypatch):
    """clock(seconds) lets time pass for the brakes: what they keep in the cache lapses."""
    from django.core.cache import cache

    passed = [0.0]
    kept: dict[str, tuple[object, float]] = {}
    moment = lambda: passed[0]  # noqa: E731

    class Timed:
        @staticmethod
        def _alive(key):
            return key in kept and kept[key][1] > moment()

        def add(self, key, value, seconds):
            if self._alive(key):
                return False
            kept[key] = (value, moment() + seconds)
            return True

        def get(self, key):
            return kept[key][0] if self._alive(key) else None

        def incr(self, key, amount):
            if not self._alive(key):
                raise ValueError(key)
            kept[key] = (kept[key][0] + amount, kept[key][1])
            return kept[key][0]

        def touch(self, key, seconds):
            kept[key] = (kept[key][0], moment() + seconds)

        def delete(self, key):
            kept.pop(key, None)

        def delete_many(self, keys):
            for key in keys:
                kept.pop(key, None)

    assert cache is not None
    monkeypatch.setattr("tenants.people.security.brakes.cache", Timed())
    monkeypatch.setattr(time, "time", moment)

    def passes(seconds: float) -> None:
        passed[0] += seconds

    return passes


def test_each_further_attempt_waits_twice_as_long(workspace, clock):
    for _turn in range(3):
        BRAKE.attempt("ann")
    waits = [FIRST_WAIT_SECONDS * 2**number for number in range(5)]
    for wait in waits:
        BRAKE.attempt("ann")
        with pytest.raises(TooOften):
            BRAKE.attempt("ann")
        clock(wait - 1)
        with pytest.raises(TooOften):
            BRAKE.attempt("ann")
        clock(1)


def test_the_longest_wait_is_a_quarter_of_an_hour(workspace, clock):
    for _turn in range(40):
        BRAKE.attempt("ann")
        clock(LONGEST_WAIT_SECONDS)
    BRAKE.attempt("ann")
    with pytest.raises(TooOften, match="15 minutes"):
        BRAKE.attempt("ann")


def test_refused_attempts_make_the_wait_no_longer(workspace, clock):
    for _turn in range(4):
        BRAKE.attempt("ann")
    for _turn in range(50):
        with pytest.raises(TooOften, match="15 seconds"):
            BRAKE.attempt("ann")
    clock(FIRST_WAIT_SECONDS)
    BRAKE.attempt("ann")


def test_success_lets_go_and_others_are_not_held(workspace, clock):
    for _turn in range(4):
        BRAKE.attempt("ann")
    BRAKE.attempt("ben")
    BRAKE.passed("ann")
    for _turn in range(3):
        BRAKE.attempt("ann")


def _sign_in(client, mail: str, password: str):
    return client.post("/account/login/", {"login": mail, "password": password})


def test_wrong_passwords_of_one_account_have_to_wait_and_say_how_long(workspace, client_of):
    client = client_of(workspace)
    for _turn in range(6):
        assert "is not right" in _sign_in(client, workspace.owner.email, "wrong").content.decode()
    page = _sign_in(client, workspace.owner.email, workspace.password).content.decode()
    assert re.search(r"Too many attempts\. Try again in \d+ seconds?", page)
    assert SecurityEvent.objects.filter(kind=EventKind.BRAKED, person_id=workspace.owner.pk).exists()


def test_one_account_that_is_guessed_does_not_keep_the_others_out(workspace, member, client_of):
    client = client_of(workspace)
    for _turn in range(8):
        _sign_in(client, workspace.owner.email, "wrong")
    assert _sign_in(client, member.email, "a fine long phrase").url == "/"


def test_many_accounts_from_one_address_have_to_wait(workspace, client_of):
    client = client_of(workspace)
    for number in range(51):
        _sign_in(client, f"a{number}@firm.example", "wrong")
    assert "Too many attempts" in _sign_in(client, workspace.owner.email, workspace.password).content.decode()


def test_a_new_password_by_mail_lets_go(workspace, client_of, mailoutbox):
    client = client_of(workspace)
    for _turn in range(8):
        _sign_in(client, workspace.owner.email, "wrong")
    client.post("/account/password/reset/", {"email": workspace.owner.email})
    link = re.search(r"https?://\S+/password/reset/key/\S+", mailoutbox[-1].body)[0]
    form = client.get(link.split(settings.GUANXI["PUBLIC_PORT"], 1)[1])
    new = "another long phrase"
    client.post(form.url, {"password1": new, "password2": new})
    assert _sign_in(client_of(workspace), workspace.owner.email, new).url == "/"


def test_an_account_of_another_workspace_is_not_braked(workspace, other_workspace, client_of):
    client = client_of(workspace)
    for _turn in range(8):
        _sign_in(client, other_workspace.owner.email, "wrong")
    answer = _sign_in(client_of(other_workspace), other_workspace.owner.email, other_workspace.password)
    assert answer.url == "/"


def test_wrong_codes_have_to_wait_at_sign_in_and_before_what_matters(workspace, client_of):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(workspace.owner, generate_totp_secret())
    client = client_of(workspace)
    _sign_in(client, workspace.owner.email, workspace.password)
    for _turn in range(7):
        page = client.post("/account/2fa/authenticate/", {"code": "000000"}).content.decode()
    assert "Too many attempts" in page
    inside = client_of(workspace, workspace.owner)
    page = inside.post("/account/2fa/reauthenticate/", {"code": "000000"}).content.decode()
    assert "Too many attempts" in page


def test_passwords_before_what_matters_have_to_wait(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    for _turn in range(7):
        page = client.post("/account/reauthenticate/", {"password": "wrong"}).content.decode()
    assert "Too many attempts" in page


def test_links_that_are_tried_have_to_wait(workspace, client_of):
    client = client_of(workspace)
    answers = [client.get(f"/join/{number}-token/").status_code for number in range(53)]
    assert (set(answers[:50]), answers[-1]) == ({410}, 429)
    assert client.post("/enter/some-code/").status_code == 429


def test_a_code_of_the_app_works_once(workspace, client_of):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from tests.journeys.test_second_factor import code_of

    secret = generate_totp_secret()
    TOTP.activate(workspace.owner, secret)
    code = code_of(secret)
    outcomes = []
    for _turn in range(2):
        client = client_of(workspace)
        _sign_in(client, workspace.owner.email, workspace.password)
        outcomes.append(client.post("/account/2fa/authenticate/", {"code": code}).status_code)
    assert outcomes == [302, 200]
