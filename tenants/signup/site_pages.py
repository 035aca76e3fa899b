"""Terms and privacy: the operator's texts in their versions, else those that come along; who agreed to which."""

import datetime as dt
import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.safestring import SafeString

from core.clock import now
from core.errors import DomainError
from tenants.people.models import User, WorkspaceSetting
from tenants.registry.models import SitePage
from web.prose import prose

SLUGS = ("terms", "privacy")
LONGEST_TEXT_BYTES = 200_000
# The texts that come along; an operator's own begin with 1.
BUILT_IN = 0
_AGREEMENT = "agreed_texts"
_FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True, slots=True)
class SiteText:
    """source: as written, heading included. published_at: UTC; None for a text that comes along."""

    slug: str
    language: str
    version: int
    source: str
    published_at: dt.datetime | None = None

    @property
    def title(self) -> str:
        return _split(self.source)[0]

    @property
    def html(self) -> SafeString:
        return prose(_split(self.source)[1])

    @property
    def html_language(self) -> str:
        return "zh-Hans" if self.language == "zh-hans" else self.language

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.source.encode()).hexdigest()


def current_texts(language: str) -> dict[str, SiteText]:
    """What counts now, by slug. The operator's in this language, else in another, else what comes along.

    Public scope; one query.
    """
    pages = SitePage.objects.filter(slug__in=SLUGS).order_by("slug", "language", "-version")
    newest = {(page.slug, page.language): page for page in pages.distinct("slug", "language")}
    return {slug: _current(newest, slug, language) for slug in SLUGS}


def text_of(slug: str, language: str, version: int | None = None) -> SiteText | None:
    """One version in exactly this language; the newest without a number. None when there is none."""
    if version == BUILT_IN:
        return _built_in(slug, language)
    pages = SitePage.objects.filter(slug=slug, language=language).order_by("-version")
    page = (pages.filter(version=version) if version else pages).first()
    if page is not None:
        return _text(page)
    return None if version else _built_in(slug, language)


@transaction.atomic
def publish_text(*, slug: str, language: str, source: str) -> tuple[SiteText, bool]:
    """Make a text the one that counts from now on; (text, whether it is a new version). Public scope.

    source: its first line is the heading. The same text again makes no version. Raises DomainError.
    """
    source = source.replace("\r\n", "\n").strip() + "\n"
    title, body = _split(source)
    if not title or not body or "\0" in source:
        raise DomainError("The text must have a heading in its first line, and something below it.")
    if len(title) > 120 or len(source.encode()) > LONGEST_TEXT_BYTES:
        raise DomainError(
            f"The heading may have 120 characters, the whole text {LONGEST_TEXT_BYTES:,} bytes."
        )
    pages = SitePage.objects.select_for_update().filter(slug=slug, language=language)
    last = pages.order_by("-version").first()
    if last and last.title == title and last.body == body:
        return _text(last), False
    version = last.version + 1 if last else BUILT_IN + 1
    page = SitePage.objects.create(slug=slug, language=language, version=version, title=title, body=body)
    return _text(page), True


def agreed_texts(language: str) -> dict[str, Any]:
    """What somebody agrees to who ticks the box now: {slug: {language, version, sha256}}. Public scope."""
    return {
        slug: {"language": text.language, "version": text.version, "sha256": text.sha256}
        for slug, text in current_texts(language).items()
    }


def mark_of(agreed: dict[str, Any]) -> str:
    """Short and opaque: the form carries it, so that nobody agrees to a text that changed meanwhile."""
    texts = ",".join(f"{slug}:{agreed[slug]['sha256']}" for slug in SLUGS)
    return hashlib.sha256(texts.encode()).hexdigest()[:16]


def keep_agreement(owner: User, agreed: dict[str, Any]) -> None:
    """Into the new workspace, in the transaction that makes its owner."""
    told = {"person": str(owner.pk), "mail": owner.email, "at": now().isoformat(), "texts": agreed}
    WorkspaceSetting.objects.create(key=_AGREEMENT, value=told)


def agreement() -> dict[str, Any] | None:
    """What was agreed to when this workspace was opened; None where nobody was asked. Tenant scope."""
    setting = WorkspaceSetting.objects.filter(key=_AGREEMENT).first()
    return setting.value if setting else None


def _current(newest: dict[tuple[str, str], SitePage], slug: str, language: str) -> SiteText:
    others = [code for code, _name in settings.LANGUAGES if code != language]
    for code in (language, *others):
        if (slug, code) in newest:
            return _text(newest[slug, code])
    return _built_in(slug, language) or _built_in_english(slug)


def _text(page: SitePage) -> SiteText:
    source = f"# {page.title}\n\n{page.body}"
    return SiteText(page.slug, page.language, page.version, source, page.updated_at)


@functools.cache
def _built_in(slug: str, language: str) -> SiteText | None:
    path = _FOLDER / f"{slug}.{language}.md"
    if not path.exists():
        return None
    return SiteText(slug, language, BUILT_IN, path.read_text(encoding="utf-8"))


def _built_in_english(slug: str) -> SiteText:
    text = _built_in(slug, "en")
    if text is None:
        raise FileNotFoundError(_FOLDER / f"{slug}.en.md")
    return text


def _split(source: str) -> tuple[str, str]:
    """Heading and body."""
    first, _line, rest = source.strip().partition("\n")
    return first.lstrip("#").strip(), rest.strip() + "\n" if rest.strip() else ""
