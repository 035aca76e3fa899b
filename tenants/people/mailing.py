"""Mails of the product itself: a text template, and the same words as plain HTML."""

from collections.abc import Mapping
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.html import escape, format_html, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, override

from core.tenancy.addresses import address_of
from core.tenancy.scope import peek
from web.branding import current_brand


def send_mail_in(
    language: str, template: str, to: str, context: Mapping[str, Any], *, tenant_id: object = None
) -> None:
    """Render `<template>_subject.txt` and `<template>.txt` in the language and send them.

    tenant_id: whom it concerns, for the operator's mail log, where no tenant's scope is open.
    Raises OSError (smtplib's errors are OSErrors) when the mail server does not take it.
    """
    with override(language):
        subject = " ".join(render_to_string(f"{template}_subject.txt", dict(context)).split())
        text = with_footer(render_to_string(f"{template}.txt", dict(context)).strip()) + "\n"
        message = EmailMultiAlternatives(subject, text, to=[to])
        message.attach_alternative(html_of(subject, text, logo=_logo()), "text/html")
    message.kind = template.rpartition("/")[2]  # type: ignore[attr-defined]  # for the operator's mail log
    message.tenant_id = tenant_id  # type: ignore[attr-defined]
    message.send()


def with_footer(text: str) -> str:
    """The text with what the workspace writes below its mails."""
    footer = current_brand().footer
    return f"{text}\n\n-- \n{footer}" if footer else text


def _logo() -> str:
    """The whole address of the workspace's logo, '' without one."""
    scope, path = peek(), current_brand().logo_url
    snapshot = scope.snapshot if scope else None
    return address_of(snapshot.domain, path) if path and snapshot else ""


def html_of(title: str, text: str, *, logo: str = "") -> str:
    """Paragraphs and links of a text as a small page of its own. logo: an address, '' for none."""
    body: SafeString = mark_safe(linebreaks(urlize(escape(text), autoescape=False)))
    head = format_html('<p><img src="{}" alt="" height="40"></p>', logo) if logo else ""
    return format_html(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>'
        "<body>{}{}</body></html>",
        get_language() or "en",
        title,
        head,
        body,
    )
