"""Mails of the product itself: a text template, and the same words as plain HTML."""

from collections.abc import Mapping
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.html import escape, format_html, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, override


def send_mail_in(
    language: str, template: str, to: str, context: Mapping[str, Any], *, tenant_id: object = None
) -> None:
    """Render `<template>_subject.txt` and `<template>.txt` in the language and send them.

    tenant_id: whom it concerns, for the operator's mail log, where no tenant's scope is open.
    Raises OSError (smtplib's errors are OSErrors) when the mail server does not take it.
    """
    with override(language):
        subject = " ".join(render_to_string(f"{template}_subject.txt", dict(context)).split())
        text = render_to_string(f"{template}.txt", dict(context)).strip() + "\n"
        message = EmailMultiAlternatives(subject, text, to=[to])
        message.attach_alternative(html_of(subject, text), "text/html")
    message.kind = template.rpartition("/")[2]  # type: ignore[attr-defined]  # for the operator's mail log
    message.tenant_id = tenant_id  # type: ignore[attr-defined]
    message.send()


def html_of(title: str, text: str) -> str:
    """Paragraphs and links of a text as a small page of its own."""
    body: SafeString = mark_safe(linebreaks(urlize(escape(text), autoescape=False)))
    return format_html(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>'
        "<body>{}</body></html>",
        get_language() or "en",
        title,
        body,
    )
