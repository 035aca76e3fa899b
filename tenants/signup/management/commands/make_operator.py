"""`manage.py make_operator <mail> [--name <name>]`: the first of those who run this installation.

Operators are people of the public schema. The password is never an argument: command lines can be read by
every user of the machine, and stay in the shell's history.
"""

import getpass
import logging
import os
import sys
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from core.tenancy.addresses import public_address
from core.tenancy.scope import public_scope
from tenants.people.membership import end_sessions
from tenants.people.models import Role, User

log = logging.getLogger(__name__)

PASSWORD_VARIABLE = "GUANXI_OPERATOR_PASSWORD"


class Command(BaseCommand):
    help = (
        "Make an operator of this installation, or give an existing one a new password. It is asked for on "
        f"the terminal, or taken from {PASSWORD_VARIABLE}."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("mail")
        parser.add_argument("--name", default="", help="without it, what stands before the @")

    def handle(self, *args: Any, **options: Any) -> None:
        mail = _checked_mail(options["mail"])
        name = options["name"].strip()[:120]
        password = _password()
        with public_scope(), transaction.atomic():
            person = User.objects.select_for_update().filter(email=mail).first()
            if person is None:
                _make(mail, name or mail.split("@")[0], password)
                self.stdout.write(f"{mail} is now an operator of this installation.")
                self.stdout.write(
                    f"Sign in at {public_address('/console/')}: the first sign-in sets up the second factor."
                )
            else:
                ended = _reset(person, name, password)
                self.stdout.write(
                    f"{mail} was an operator already: the password is replaced, {ended} sessions ended."
                )


def _checked_mail(typed: str) -> str:
    mail = typed.strip().lower()
    try:
        validate_email(mail)
    except ValidationError:
        raise CommandError(f"{typed!r} is no mail address.")
    return mail


def _password() -> str:
    """From the environment, else typed twice. Raises CommandError."""
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise CommandError(f"No terminal to ask for the password: set {PASSWORD_VARIABLE}.")
    typed = getpass.getpass("Password: ")
    if getpass.getpass("Password again: ") != typed:
        raise CommandError("These are two different passwords. Nothing was changed.")
    return typed


def _make(mail: str, name: str, password: str) -> None:
    person = User(email=mail, name=name)
    _check_password(password, person)
    person = User.objects.create_user(mail, password, name=name, role=Role.OWNER)
    # A second factor can only be set up for a verified address.
    EmailAddress.objects.create(user=person, email=mail, primary=True, verified=True)
    log.warning("operator %s made by command", person.pk)


def _reset(person: User, name: str, password: str) -> int:
    """How many sessions of the person were ended: whoever knew the old password is out."""
    person.name = name or person.name
    _check_password(password, person)
    person.set_password(password)
    person.save(update_fields=["name", "password", "updated_at"])
    ended = end_sessions(person)
    log.warning("password of operator %s replaced by command; %d sessions ended", person.pk, ended)
    return ended


def _check_password(password: str, person: User) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages))
