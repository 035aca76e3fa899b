"""A text that somebody wrote, as safe HTML: a small part of Markdown, everything else as it stands.

Headings (`#`, `##`, `###`), lists (`- ` and `1. `), `**bold**`, `*slanted*`, `[words](https://…)` and bare addresses.
A line break stays a line break. HTML in the text is shown, not obeyed.
"""

import re
from collections.abc import Iterator
from itertools import groupby

import nh3
from django.utils.html import conditional_escape, urlize
from django.utils.safestring import SafeString, mark_safe

_TAGS = {"h2", "h3", "p", "br", "ul", "ol", "li", "b", "em", "a"}
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}
_KINDS = {
    "heading": re.compile(r"#{1,3}\s+(?=\S)"),
    "bullet": re.compile(r"[-*]\s+(?=\S)"),
    "number": re.compile(r"\d{1,3}(?:[.)]\s+|、)(?=\S)"),
}
_DIGITS = re.compile(r"\d+")
_LINK = re.compile(r"\[([^\[\]\n]+)\]\(((?:https?://|mailto:)[^\s()]+)\)", re.IGNORECASE)
_BOLD = re.compile(r"\*\*(\S(?:[^*\n]*\S)?)\*\*")
_SLANTED = re.compile(r"(?<!\*)\*(\S(?:[^*\n]*\S)?)\*(?!\*)")


def prose(text: str) -> SafeString:
    """text: as typed, any line ends. The page's own heading is level 1, so the text's begin at level 2."""
    blocks = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip())
    html = "\n".join(piece for block in blocks for piece in _pieces(block))
    # What is made here is escaped already; a second wall all the same, since people read it before signing.
    return mark_safe(
        nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="nofollow")
    )


def _pieces(block: str) -> Iterator[str]:
    for kind, group in groupby((line.strip() for line in block.splitlines()), key=_kind):
        lines = list(group)
        words = [_inline(_KINDS[kind].sub("", line, count=1) if kind else line) for line in lines]
        items = "".join(f"<li>{each}</li>" for each in words)
        if kind == "heading":
            levels = ["h3" if line.startswith("###") else "h2" for line in lines]
            yield from (f"<{level}>{each}</{level}>" for level, each in zip(levels, words, strict=True))
        elif kind == "bullet":
            yield f"<ul>{items}</ul>"
        elif kind == "number":
            # Numbered paragraphs stand apart in contracts: each keeps the number that was typed.
            yield f'<ol start="{int(_DIGITS.match(lines[0])[0])}">{items}</ol>'  # type: ignore[index]
        else:
            yield f"<p>{'<br>'.join(words)}</p>"


def _kind(line: str) -> str:
    return next((kind for kind, sign in _KINDS.items() if sign.match(line)), "")


def _inline(line: str) -> str:
    """One line: named links first, each kept whole; bare addresses and emphasis in what stands between."""
    done, end = [], 0
    for link in _LINK.finditer(line):
        done += [_plain(line[end : link.start()]), _link(link)]
        end = link.end()
    return "".join([*done, _plain(line[end:])])


def _link(link: re.Match[str]) -> str:
    return f'<a href="{conditional_escape(link[2])}">{conditional_escape(link[1])}</a>'


def _plain(text: str) -> str:
    emphasised = _BOLD.sub(r"<b>\1</b>", str(conditional_escape(text)))
    return str(urlize(mark_safe(_SLANTED.sub(r"<em>\1</em>", emphasised))))
