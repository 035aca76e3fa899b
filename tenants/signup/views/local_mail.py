"""Local mode only: the mails that would have been sent, newest first."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

_SHOWN = 50
_LARGEST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of the folder."""

    subject: str
    to: str
    date: str
    text: str


@never_cache
@require_safe
def local_mail(request: HttpRequest) -> HttpResponse:
    """404 as soon as a mail server is configured."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if folder is None or not settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        raise Http404
    context = {"letters": _letters(Path(folder)), "no_side": True}
    return render(request, "tenants/signup/local_mail.html", context)


def _letters(folder: Path) -> list[Letter]:
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.log"), key=lambda each: each.stat().st_mtime, reverse=True)
    return [letter for each in files[:_SHOWN] for letter in _read(each)][:_SHOWN]


def _read(file: Path) -> list[Letter]:
    """Mails of one file, newest first: a connection may have written several, each ended by a line of dashes."""
    raw = file.read_bytes()[:_LARGEST_BYTES]
    parts = [part.strip() for part in raw.split(b"\n" + b"-" * 79 + b"\n")]
    parsed = [email.message_from_bytes(part, policy=email.policy.default) for part in parts if part]
    return [_letter(message) for message in reversed(parsed)]


def _letter(message: Any) -> Letter:
    assert isinstance(message, EmailMessage)
    body = message.get_body(preferencelist=("plain",))
    text = body.get_content() if body is not None else ""
    return Letter(str(message["Subject"] or ""), str(message["To"] or ""), str(message["Date"] or ""), text)
