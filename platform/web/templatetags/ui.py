"""Template tags and filters of the component kit: `{% load ui %}`."""

import unicodedata
import zlib
from decimal import Decimal
from functools import lru_cache

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect, Select
from django.forms.boundfield import BoundWidget
from django.template.loader import render_to_string
from django.utils.html import conditional_escape as escape
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from web.built import built
from web.drawn import drawn
from web.pickers import other_names

register = template.Library()

HUES = 6
THEMES = ("light", "dark")

register.simple_tag(drawn, name="drawn")


@register.simple_tag
def asset(name: str) -> str:
    """The address of a built file: `{% asset "app.css" %}`."""
    return built(name).url


@register.simple_tag
def module_preloads(name: str) -> SafeString:
    """Links that fetch a script's shared parts while the script itself still travels."""
    parts = ((built(part).url,) for part in built(name).imports)
    return format_html_join("", '<link rel="modulepreload" href="{}">', parts)


@register.simple_tag
def icon(name: str, cls: str = "") -> SafeString:
    """One picture of the sprite. It says nothing to a screen reader: words stand beside it."""
    return _icon(name, cls, built("icons.svg").url)


@lru_cache(maxsize=1000)
def _icon(name: str, cls: str, sprite: str) -> SafeString:
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#{}"></use></svg>', cls, sprite, name
    )


@register.simple_tag
def field_line(
    label: object,
    icon_name: str = "",
    value: object = "",
    edit_url: str = "",
    href: str = "",
    saved: str = "",
    display: object = "",
    linked: object = False,
) -> SafeString:
    """What c-field draws; a record's page has a dozen, so its loop calls this without the component.

    display: safe HTML in place of the value, a text is escaped. linked: it holds a link, so the button to edit
    stands beside it.
    """
    words, text = escape(label), escape(value)
    if edit_url:
        shown = escape(display) if display else f'<bdi class="truncate">{text}</bdi>' if value else ""
        add = escape(gettext("Add"))
        shown = shown or f'<span class="none">{add}</span>'
        body = _edit_button(escape(edit_url), f"{words}: {text or add}", shown, linked)
    elif display:
        body = escape(display)
    elif href and value:
        body = f'<a class="alink block truncate" href="{escape(href)}"><bdi>{text}</bdi></a>'
    elif value:
        body = f'<bdi class="block break-words">{text}</bdi>'
    else:
        body = '<span class="text-faint">–</span>'
    marks = (" data-inline data-saved" if saved else " data-inline") if edit_url else ""
    picture = icon(icon_name, "i-s") if icon_name else ""
    return SafeString(f'<div class="fld"{marks}><dt>{picture}<span>{words}</span></dt><dd>{body}</dd></div>')


def _edit_button(url: str, label: str, shown: str, linked: object) -> str:
    """All escaped. shown: the value, or the offer to add one."""
    beside = f'<span class="fld-l" data-inline-shown>{shown}</span>' if linked else ""
    inside = "" if linked else shown
    return (
        f'{beside}<button type="button" class="edit{" edit-i" if linked else ""}" data-inline-value'
        f' hx-get="{url}" hx-target="next [data-inline-room]" hx-swap="innerHTML" aria-label="{label}">'
        f"{inside}{icon('pencil', 'i-s')}</button><div data-inline-room hidden></div>"
    )


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """`light`, `dark`, or empty for what the person's system says."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request else ""
    return chosen if chosen in THEMES else ""


@register.simple_tag
def page_language() -> str:
    """The language for the html element, in the form that browsers know: `zh-Hans`, `en`."""
    code = get_language() or "en"
    main, _, rest = code.partition("-")
    return f"{main}-{rest.title()}" if len(rest) == 4 else code


@register.filter
def hue(name: object) -> str:
    """The colour class of a name: the same name has the same colour on every page and machine."""
    return f"av-{zlib.crc32(str(name).encode()) % HUES}"


@register.filter
def initials(name: object, length: int = 2) -> str:
    """Letters for an avatar.

    Chinese, Japanese and Korean names give their last `length` characters (陈思远: 思远), since the first
    is a family name that many share; others the first letters of their first words.
    """
    words = str(name or "").split()
    if not words:
        return "?"
    joined = "".join(words)
    if _is_east_asian(joined[-1]):
        return joined[-int(length) :]
    letters = [word[0] for word in words if word[0].isalnum()] or [words[0][0]]
    return "".join(letters[: int(length)]).upper()


@register.filter
def percent(part: float | Decimal, whole: float | Decimal = 1) -> str:
    """A share as whole percent: `{{ 3|percent:4 }}` is `75%`; of nothing it is `0%`."""
    if not whole:
        return "0%"
    return f"{round(Decimal(str(part)) * 100 / Decimal(str(whole)))}%"


@register.filter
def find_as(text: object) -> SafeString:
    """The attribute by which a picker finds an option otherwise than by its text; '' where there is none."""
    known_as = other_names(str(text))
    return format_html(' data-find="{}"', known_as) if known_as else SafeString("")


@register.filter
def control(field: BoundField, cls: str = "") -> SafeString:
    """A form field's own control in the kit's dress, tied to its help and its error by id."""
    widget = field.field.widget
    if isinstance(widget, RadioSelect):  # several boxes; CheckboxSelectMultiple is one, too
        return _boxes(field)
    ticked = isinstance(widget, CheckboxInput)
    picks = "data-picker" in widget.attrs
    base = "cb" if ticked else "in sel" if isinstance(widget, Select) and not picks else "in"
    attrs = {"class": f"{base} {cls} {widget.attrs.get('class', '')}".strip()}
    if told := _told(field):
        attrs["aria-describedby"] = told
    if field.errors:
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


def _told(field: BoundField) -> str:
    """Ids of what c-form.row says about the field: its error and its help."""
    told = [f"{field.id_for_label}-error"] if field.errors else []
    told += [f"{field.id_for_label}-help"] if field.help_text else []
    return " ".join(told)


def _boxes(field: BoundField) -> SafeString:
    """Each box under an id of its own: Django's wrapper would take the dress of a single box."""
    widget = field.field.widget
    attrs = field.build_widget_attrs({"id": field.auto_id, "class": "cb"}, widget)
    drawn = widget.subwidgets(field.html_name, field.value(), attrs)
    boxes = [BoundWidget(widget, box, field.form.renderer) for box in drawn]
    context = {"boxes": boxes, "name": field.label, "told": _told(field)}
    return render_to_string("web/_ticks.html", context)


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser_name(user_agent: object) -> str:
    """What a person calls the browser: `Firefox · Windows`; the header itself when it is none we know."""
    text = str(user_agent)
    found = [next((name for mark, name in table if mark in text), "") for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name) or text[:60] or "?"


def _is_east_asian(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))
