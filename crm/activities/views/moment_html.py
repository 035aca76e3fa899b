"""One entry of the timeline as HTML: by a formatter, as the rows of a list are.

Fifty entries through a template cost more than everything else of a record's page. Every text is escaped
here, where it is put in; words and formats are looked up once a page.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils import formats
from django.utils.dateformat import time_format
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.clock import now
from core.records.fields import Choice
from core.records.types import record_type
from crm.activities.selectors.attachments import FileLink
from crm.activities.selectors.targets import Target
from crm.activities.selectors.timeline import Entry
from web.faces import picture
from web.modules import is_open
from web.templatetags.ui import icon

_LOOKS = {
    "note": ("message-square", ""),
    "call": ("phone", "green"),
    "meeting": ("calendar", "blue"),
    "visit": ("map-pin", "teal"),
    "mail": ("mail", "blue"),
    "task": ("square-check", "green"),
    "stage": ("arrow-right", "violet"),
    "created": ("plus", ""),
}
MAIL_STUCK = dt.timedelta(minutes=10)
"""After so long, a mail that is still on its way is offered to be sent again."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An entry with what stands beside it. who: '' for the product itself."""

    entry: Entry
    who: str
    target: Target | None
    files: Sequence[FileLink]


class MomentWriter:
    """Draws the entries of one page for one person, in their language and zone."""

    def __init__(self, *, to: Any) -> None:
        self.person_id, self.administers = to.pk, to.may_administer
        self.style, self.zone = formats.get_format("TIME_FORMAT"), get_current_timezone()
        self.product, self.edit, self.delete = escape(_("Guanxi")), escape(_("Edit")), escape(_("Delete"))

    def html(self, moment: Moment) -> SafeString:
        """A list item, safe."""
        entry = moment.entry
        sign, tone = _LOOKS[entry.what]
        body = self._mail(entry) if entry.what == "mail" else self._body(moment)
        return SafeString(
            f'<li class="tl-i"><span class="tl-b{f" t-{tone}" if tone else ""}">{icon(sign, "i-s")}</span>'
            f'<div class="min-w-0"><p class="tl-h">{self._head(moment)}</p>{body}</div></li>'
        )

    def _head(self, moment: Moment) -> str:
        entry, target = moment.entry, moment.target
        at = entry.at.astimezone(self.zone)
        who = escape(moment.who) or self.product
        face = picture(entry.who_id) if moment.who else ""
        said = (
            f'{face}<b class="font-medium text-text"><bdi>{who}</bdi></b> {escape(_SAID[entry.what](entry))}'
        )
        if entry.what == "stage":
            said += f' <b class="font-medium text-text"><bdi>{escape(_stage_label(entry))}</bdi></b>'
        if target is not None:
            said += f' · <a class="link" href="{target.url}"><bdi>{escape(target.title)}</bdi></a>'
        return f'<span>{said}</span><time datetime="{at.isoformat()}">{time_format(at, self.style)}</time>'

    def _body(self, moment: Moment) -> str:
        entry = moment.entry
        if not entry.text and not moment.files:
            return ""
        text = _text_html(entry.text) if entry.text else ""
        return f'<div class="tl-c group/tl">{text}{_files_html(moment.files)}{self._verbs(entry)}</div>'

    def _verbs(self, entry: Entry) -> str:
        """Edit and delete, for those who may: the author and administrators."""
        if "activity_id" not in entry.values or not (entry.who_id == self.person_id or self.administers):
            return ""
        url = f"/activities/{entry.values['activity_id']}/"
        return (
            '<p class="mt-1 flex gap-3 text-xs"><button type="button" class="alink"'
            f' hx-get="{url}edit/" hx-target="#dialog-body">{self.edit}</button><button type="button"'
            f' class="alink" hx-post="{url}delete/" hx-swap="none">{self.delete}</button></p>'
        )

    def _mail(self, entry: Entry) -> str:
        values = entry.values
        # Words stand outside of f-strings: what gathers them for translation does not look inside.
        to_word, copy_word = escape(_("To")), escape(_("Copy to"))
        to = f"{to_word} <bdi>{escape(', '.join(values.get('to', [])))}</bdi>"
        if values.get("cc"):
            to += f" · {copy_word} <bdi>{escape(', '.join(values['cc']))}</bdi>"
        return (
            f'<div class="tl-c"><p class="font-medium"><bdi>{escape(values.get("title", ""))}</bdi></p>'
            f'<p class="text-xs text-muted">{to}</p>{_text_html(entry.text, "mt-1 ")}{_mail_state_html(entry)}</div>'
        )


def _text_html(text: str, cls: str = "") -> str:
    return f'<div dir="auto" class="{cls}whitespace-pre-line break-words">{escape(text)}</div>'


def _files_html(files: Sequence[FileLink]) -> str:
    if not files:
        return ""
    clip = icon("paperclip", "i-s")
    chips = "".join(
        f'<a class="chip" href="{escape(each.url)}">{clip}'
        f'<bdi class="max-w-60 truncate">{escape(each.name)}</bdi></a>'
        for each in files
    )
    return f'<div class="mt-2 flex flex-wrap gap-1.5">{chips}</div>'


def _mail_state_html(entry: Entry) -> str:
    state = entry.values.get("state", "")
    stuck = state in ("queued", "sending") and now() - entry.values["touched_at"] > MAIL_STUCK
    if state != "failed" and not stuck:
        waits = escape(_("On its way"))
        return "" if state == "sent" else f'<p class="mt-2 text-xs text-muted">{waits}</p>'
    reason = _("It is not known whether this mail left.") if stuck else entry.values.get("reason", "")
    failed, again = escape(_("Not sent")), escape(_("Try again"))
    retry_url = f"/mail/{entry.values['activity_id']}/retry/"
    button = (
        f'<button type="button" class="btn btn-s" hx-post="{retry_url}"'
        f' hx-swap="none">{icon("refresh-cw", "i-s")}{again}</button>'
    )
    return (
        '<div class="mt-2 flex flex-wrap items-center gap-2"><p class="err !mt-0">'
        f"{icon('circle-alert', 'i-s')}{failed}: {escape(reason)}</p>"
        f"{button if is_open(retry_url) else ''}</div>"
    )


def _lasted(entry: Entry) -> str:
    """'20 min'; '' when nobody said how long."""
    minutes = entry.values.get("minutes")
    return ngettext("%(count)d min", "%(count)d min", minutes) % {"count": minutes} if minutes else ""


def _called(entry: Entry) -> str:
    lasted = _lasted(entry)
    return _("called, %(lasted)s") % {"lasted": lasted} if lasted else _("called")


def _met(entry: Entry) -> str:
    lasted = _lasted(entry)
    return _("met, %(lasted)s") % {"lasted": lasted} if lasted else _("met")


def _visited(entry: Entry) -> str:
    lasted = _lasted(entry)
    return _("visited, %(lasted)s") % {"lasted": lasted} if lasted else _("visited")


_SAID: dict[str, Callable[[Entry], str]] = {
    "note": lambda entry: _("wrote a note"),
    "call": _called,
    "meeting": _met,
    "visit": _visited,
    "mail": lambda entry: _("sent a mail"),
    "task": lambda entry: _("completed “%(title)s”") % {"title": entry.values.get("title", "")},
    "created": lambda entry: _("created this record"),
    "stage": lambda entry: _("moved to"),
}
"""What somebody did, after their name."""


def _stage_label(entry: Entry) -> str:
    stage = record_type(entry.target_type).field("stage")
    option = stage.option_of(entry.values["stage"]) if isinstance(stage, Choice) else None
    return str(option.label) if option else "—"
