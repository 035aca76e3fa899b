"""What the sources of the kit promise: fresh build, budgets, no inline code, every icon, every word."""

import importlib.util
import re
from pathlib import Path

import polib
import pytest

from web.built import built

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "platform/web/assets"
TEMPLATES = [*(ROOT / "templates/web").rglob("*.html"), *(ROOT / "templates/cotton").rglob("*.html")]
PO = ROOT / "platform/web/locale/zh_Hans/LC_MESSAGES/django.po"

_spec = importlib.util.spec_from_file_location("freshness", ASSETS / "freshness.py")
assert _spec is not None and _spec.loader is not None
freshness = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(freshness)


def test_the_build_is_fresh():
    # The stamp was written by build.mjs, so this also holds the two ways of hashing together.
    assert freshness.stale() == []


def test_a_changed_template_makes_the_build_old(tmp_path: Path):
    template = tmp_path / "templates/web/a.html"
    template.parent.mkdir(parents=True)
    template.write_text("<p>one</p>")
    before = freshness.hash_of_sources(tmp_path)
    template.write_text("<p>two</p>")
    assert freshness.hash_of_sources(tmp_path) != before


def test_what_is_not_a_source_does_not_count(tmp_path: Path):
    before = freshness.hash_of_sources(tmp_path)
    for name in ("platform/web/assets/node_modules/x.js", "platform/web/static/dist/app.css", "crm/notes.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("x")
    assert freshness.hash_of_sources(tmp_path) == before


def test_a_missing_build_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(freshness, "DIST", tmp_path)
    assert freshness.stale() == ["The assets have not been built."]


def test_a_file_changed_by_hand_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for path in freshness.DIST.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    css = tmp_path / built("app.css").file
    css.write_text(css.read_text() + "b{}")
    monkeypatch.setattr(freshness, "DIST", tmp_path)
    assert freshness.stale() == [f"{css.name} was changed by hand."]


def test_the_style_sheet_stays_within_sixteen_kilobytes():
    assert built("app.css").gzip <= 16 * 1024


def test_the_shared_script_stays_within_fifty_kilobytes():
    app = built("app.js")
    assert app.gzip + sum(built(part).gzip for part in app.imports) <= 50 * 1024


@pytest.mark.parametrize("name", ["board.js", "picker.js"])
def test_a_further_bundle_stays_within_seventy_five_kilobytes(name: str):
    assert built(name).gzip <= 75 * 1024


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_template_holds_no_inline_code_or_style(path: Path):
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son(?!ly=)[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", text)


def test_every_icon_named_in_a_template_is_in_the_sprite():
    known = set((ASSETS / "icons.txt").read_text().split())
    named = {
        (name, path.name)
        for path in TEMPLATES
        for name in re.findall(r"""(?:{% icon |(?<!:)\bicon=)"([a-z0-9-]+)\"""", path.read_text())
    }
    assert named and {pair for pair in named if pair[0] not in known} == set()


def test_every_word_of_the_templates_has_its_chinese():
    said = {
        words
        for path in TEMPLATES
        for quote in "\"'"
        for words in re.findall(rf"{{% trans {quote}([^{quote}]+){quote}", path.read_text())
    }
    known = {entry.msgid: entry.msgstr for entry in polib.pofile(str(PO))}
    assert said and {words for words in said if not known.get(words)} == set()


def test_no_chinese_text_is_the_english_one():
    assert [entry.msgid for entry in polib.pofile(str(PO)) if entry.msgid == entry.msgstr] == []


def test_scripts_speak_no_language_of_their_own():
    # toast() and say() take words rendered by the server.
    for path in (ASSETS / "js").glob("*.js"):
        assert not re.search(r"""\b(?:toast|say)\(\s*['"`]""", path.read_text()), path.name


def test_a_form_that_no_script_has_taken_over_is_sent_to_where_the_script_sends_it():
    forms = {
        (path.name, form)
        for path in (ROOT / "templates").rglob("*.html")
        for form in re.findall(r"<form\b(?:{%.*?%}|{{.*?}}|[^>])*>", path.read_text())
        if "hx-post" in form
    }
    assert len(forms) > 4
    lost = {
        name
        for name, form in forms
        if 'method="post"' not in form
        or re.findall(r' action="(.*?)"', form) != re.findall(r' hx-post="(.*?)"', form)
        or ("hx-encoding" in form and "enctype" not in form)
    }
    assert lost == set()
