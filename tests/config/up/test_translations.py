"""The completeness check, on small sources made for it."""

from pathlib import Path

import polib
import pytest

from config.up.translations import compile_translations, translation_faults

SOURCES = {
    "crm/desk/views/desk.py": 'from django.utils.translation import gettext as _\ntitle = _("Today")\n',
    "templates/crm/desk/desk.html": "{% load i18n %}{% trans 'Due' %}"
    "{% blocktranslate count n=n %}{{ n }} task{% plural %}{{ n }} tasks{% endblocktranslate %}",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def write_catalog(root: Path, *entries: polib.POEntry) -> Path:
    path = root / "crm/desk/locale/zh_Hans/LC_MESSAGES/django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog = polib.POFile()
    catalog.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=1; plural=0;"}
    catalog.extend(entries)
    catalog.save(str(path))
    return path


def complete() -> list[polib.POEntry]:
    return [
        polib.POEntry(msgid="Today", msgstr="今日"),
        polib.POEntry(msgid="Due", msgstr="到期"),
        polib.POEntry(msgid="%(n)s task", msgid_plural="%(n)s tasks", msgstr_plural={0: "%(n)s 个任务"}),
    ]


def test_a_complete_translation_has_no_faults(root: Path) -> None:
    write_catalog(root, *complete())
    assert translation_faults(root) == []


def test_a_text_of_a_template_that_no_catalog_has_is_named_with_its_place(root: Path) -> None:
    write_catalog(root, *[entry for entry in complete() if entry.msgid != "Due"])
    (fault,) = translation_faults(root)
    assert "'Due'" in fault
    assert "templates/crm/desk/desk.html" in fault


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (polib.POEntry(msgid="Due", msgstr=""), "not translated"),
        (polib.POEntry(msgid="Due", msgstr="到期", flags=["fuzzy"]), "fuzzy"),
        (polib.POEntry(msgid="Gone", msgstr="没有", obsolete=True), "obsolete"),
        (polib.POEntry(msgid="Gone", msgstr="没有"), "no longer used"),
    ],
)
def test_doubtful_entries_are_faults(root: Path, entry: polib.POEntry, fault: str) -> None:
    others = [kept for kept in complete() if kept.msgid != entry.msgid]
    write_catalog(root, *others, entry)
    assert [line.split(": ")[1] for line in translation_faults(root)] == [fault]


def test_catalogs_are_compiled_when_they_are_newer(root: Path) -> None:
    source = write_catalog(root, *complete())
    compile_translations(root)
    target = source.with_suffix(".mo")
    assert {entry.msgid: entry.msgstr for entry in polib.mofile(str(target))}["Due"] == "到期"
    before = target.stat().st_mtime_ns
    compile_translations(root)
    assert target.stat().st_mtime_ns == before
