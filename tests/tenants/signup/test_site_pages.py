"""Terms and privacy: the operator's own texts, their versions, and who agreed to which."""

import contextvars
import io
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from core.tenancy.scope import public_scope, tenant_scope
from tenants.registry.hosts import snapshot_of_host
from tenants.signup.site_pages import BUILT_IN, SLUGS, agreement, current_texts, text_of

pytestmark = pytest.mark.django_db
OURS = "# House rules\n\n<b>Be kind.</b>\n"


@pytest.fixture
def site_page(tmp_path):
    """site_page("terms", "en", text) publishes; without a text it shows. What the command says on stdout."""

    def run(slug: str, language: str, text: str | bytes | None = None, *more: str) -> str:
        path = tmp_path / "text.md"
        if text is not None:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        deed = ["--show"] if text is None else ["--file", str(path)]
        said, aside = io.StringIO(), io.StringIO()
        arguments = ["site_page", slug, "--language", language, *deed, *more]
        contextvars.Context().run(call_command, *arguments, stdout=said, stderr=aside)
        return said.getvalue()

    return run


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("slug", SLUGS)
def test_a_text_comes_along_in_every_language(visitor, slug, language):
    text = text_of(slug, language, BUILT_IN)
    assert text is not None
    assert len(text.html) > 400 or (language == "zh-hans" and len(text.html) > 150)
    visitor.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = visitor.get(f"/{slug}/").content.decode()
    assert text.title in page
    assert text.html in page
    # What a deployer has to do with it stands in the docs.
    assert "replace" not in text.source.lower()


def test_the_operators_own_text_is_shown_with_its_version_and_escaped(visitor, site_page):
    assert "House rules" not in visitor.get("/terms/").content.decode()
    assert "version 1" in site_page("terms", "en", OURS)
    page = visitor.get("/terms/").content.decode()
    assert "House rules" in page
    assert "&lt;b&gt;Be kind." in page
    assert "Version 1, in force since" in page


def test_in_a_language_without_an_own_text_the_operators_other_one_stands(visitor, site_page):
    site_page("terms", "en", OURS)
    visitor.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    page = visitor.get("/terms/").content.decode()
    assert "House rules" in page
    assert "使用条款</h1>" not in page
    site_page("terms", "zh-hans", "# 本站规则\n\n请友善。")
    assert "本站规则" in visitor.get("/terms/").content.decode()


def test_a_new_text_is_a_new_version_and_the_old_one_can_still_be_read(site_page):
    site_page("terms", "en", OURS)
    assert "Nothing has changed" in site_page("terms", "en", OURS.replace("\n", "\r\n"))
    assert "version 2" in site_page("terms", "en", OURS + "\nAlways.\n")
    assert "Always." in site_page("terms", "en")
    assert site_page("terms", "en", None, "--page-version", "1") == OURS
    assert "What you get" in site_page("terms", "en", None, "--page-version", "0")
    with pytest.raises(CommandError, match="no version 3"):
        site_page("terms", "en", None, "--page-version", "3")


def test_what_is_shown_can_be_edited_and_published_again(site_page):
    assert "version 1" in site_page("privacy", "zh-hans", site_page("privacy", "zh-hans"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must have a heading"),
        ("# Only a heading\n", "must have a heading"),
        ("条款\n内容".encode("gbk"), "is not UTF-8"),
        ("# Long\n" + "x" * 200_001, "200,000 bytes"),
        ("# " + "x" * 121 + "\ntext", "120 characters"),
    ],
)
def test_a_text_that_cannot_be_one_is_refused(site_page, text, sentence):
    with pytest.raises(CommandError, match=sentence):
        site_page("terms", "en", text)
    with public_scope():
        assert current_texts("en")["terms"].version == BUILT_IN


def test_a_file_that_is_not_there_is_named():
    arguments = ["site_page", "terms", "--language", "en", "--file", "/nowhere/terms.md"]
    with pytest.raises(CommandError, match=r"/nowhere/terms.md cannot be read: No such file"):
        contextvars.Context().run(call_command, *arguments)


def _agreement_of(url: str) -> dict:
    with public_scope():
        snapshot = snapshot_of_host(urlsplit(url).hostname)
    with tenant_scope(snapshot.schema, snapshot):
        return agreement()


def test_the_version_that_was_agreed_to_at_sign_up_is_kept_and_can_be_shown(visitor, form, site_page):
    site_page("terms", "en", OURS)
    site_page("terms", "en", OURS + "\nAlways.\n")
    url = visitor.post("/", form).url
    kept = _agreement_of(url)
    with public_scope():
        texts = current_texts("en")
    assert kept["mail"] == form["mail"]
    assert kept["texts"] == {
        "terms": {"language": "en", "version": 2, "sha256": texts["terms"].sha256},
        "privacy": {"language": "en", "version": BUILT_IN, "sha256": texts["privacy"].sha256},
    }
    said = io.StringIO()
    contextvars.Context().run(call_command, "workspace", form["address"], "show", stdout=said)
    assert f"{form['mail']} agreed at" in said.getvalue()
    assert "terms (en): version 2" in said.getvalue()


def test_nobody_agrees_to_a_text_that_changed_under_their_eyes(visitor, form, site_page):
    def mark() -> str:
        return visitor.get("/").content.decode().split('name="texts" value="')[1].split('"')[0]

    shown = form | {"texts": mark()}
    site_page("terms", "en", OURS)
    answer = visitor.post("/", shown)
    assert (answer.status_code, "have just changed" in answer.content.decode()) == (422, True)
    assert f'value="{mark()}"' in answer.content.decode()
    assert visitor.post("/", form | {"texts": mark()}).status_code == 302


def test_a_workspace_that_nobody_signed_up_for_says_so(workspace):
    said = io.StringIO()
    contextvars.Context().run(call_command, "workspace", workspace.host, "show", stdout=said)
    assert "No agreement to terms is recorded" in said.getvalue()
