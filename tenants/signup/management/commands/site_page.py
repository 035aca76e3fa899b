"""`manage.py site_page terms|privacy --language en|zh-hans --file PATH|-`, or `--show`: the operator's own texts."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from core.tenancy.scope import public_scope
from tenants.signup.site_pages import BUILT_IN, SLUGS, SiteText, publish_text, text_of


class Command(BaseCommand):
    help = "Publish a new version of the terms or the privacy page from a Markdown file, or show what stands there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("page", choices=SLUGS)
        parser.add_argument("--language", required=True, choices=[code for code, _name in settings.LANGUAGES])
        deed = parser.add_mutually_exclusive_group(required=True)
        deed.add_argument("--file", help="UTF-8 text, its first line the heading; - reads what is piped in")
        deed.add_argument("--show", action="store_true", help="print the text")
        parser.add_argument(
            "--page-version", type=int, help="with --show: an older one; 0 is what comes along"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with public_scope():
            if options["show"]:
                self._show(options["page"], options["language"], options["page_version"])
            else:
                self._publish(options["page"], options["language"], _read(options["file"]))

    def _show(self, slug: str, language: str, version: int | None) -> None:
        text = text_of(slug, language, version)
        if text is None:
            raise CommandError(f"There is no version {version} of {slug} in {language}.")
        # Beside the text, so that the text itself can be piped into a file.
        self.stderr.write(_described(text))
        self.stdout.write(text.source, ending="")

    def _publish(self, slug: str, language: str, source: str) -> None:
        try:
            text, new = publish_text(slug=slug, language=language, source=source)
        except DomainError as error:
            raise CommandError(str(error))
        self.stdout.write(_described(text) if new else f"Nothing has changed: {_described(text)}")


def _described(text: SiteText) -> str:
    if text.version == BUILT_IN or text.published_at is None:
        return f"{text.slug} ({text.language}): the text that comes along"
    return f"{text.slug} ({text.language}): version {text.version} of {text.published_at:%Y-%m-%d %H:%M} UTC"


def _read(path: str) -> str:
    """Raises CommandError for what cannot be read, or is not UTF-8."""
    try:
        raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as problem:
        raise CommandError(f"{path} cannot be read: {problem.strerror}.")
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not UTF-8 text.")
