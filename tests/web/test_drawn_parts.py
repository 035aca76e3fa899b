"""Parts of pages that are kept: the same words, drawn once; other words never."""

import pytest
from django.template import Template
from django.utils.safestring import mark_safe
from django.utils.translation import override

from web import drawn as module
from web.drawn import drawn
from web.shell import Place


@pytest.fixture
def template(monkeypatch):
    """A template that counts how often it is drawn."""
    calls = []

    class Counted:
        def render(self, content):
            calls.append(content)
            return Template("{% load i18n %}{% trans 'Save' %}:{{ text }}{{ place.label }}").render(
                module_context(content)
            )

    def module_context(content):
        from django.template import Context

        return Context(content)

    monkeypatch.setattr(module, "get_template", lambda name: Counted())
    module._draw.cache_clear()
    yield calls
    module._draw.cache_clear()


def test_the_same_content_is_drawn_once(template):
    first = drawn("x.html", place=Place("Here", "/", "sun"))
    assert drawn("x.html", place=Place("Here", "/", "sun")) == first
    assert len(template) == 1


def test_any_other_content_is_drawn_anew(template):
    drawn("x.html", place=Place("Here", "/", "sun"))
    assert "There" in drawn("x.html", place=Place("There", "/", "sun"))
    assert len(template) == 2


def test_each_language_has_its_own(template):
    assert drawn("x.html", text="a") == "Save:a"
    with override("zh-hans"):
        assert drawn("x.html", text="a") == "保存:a"


def test_safe_text_does_not_stand_in_for_a_persons_text(template):
    assert drawn("x.html", text=mark_safe("<b>")) == "Save:<b>"
    assert drawn("x.html", text="<b>") == "Save:&lt;b&gt;"


def test_one_is_not_true(template):
    assert drawn("x.html", text=1) == "Save:1"
    assert drawn("x.html", text=True) == "Save:True"


def test_what_is_not_plain_is_refused(template):
    with pytest.raises(TypeError):
        drawn("x.html", person=object())


@pytest.mark.django_db
def test_two_people_and_two_workspaces_see_their_own_frame(workspace, other_workspace, client_of):
    pages = [
        client_of(place, place.owner).get("/accounts/").content.decode()
        for place in (workspace, other_workspace, workspace)
    ]
    assert [("Test Works" in page, "Other Works" in page) for page in pages] == [
        (True, False),
        (False, True),
        (True, False),
    ]


@pytest.mark.django_db
def test_a_view_pinned_now_stands_in_the_next_page(workspace, client_of):
    from core.records.models import SavedView

    client = client_of(workspace, workspace.owner)
    assert "Mine of York" not in client.get("/accounts/").content.decode()
    view = SavedView.objects.create(
        record_type="account", name="Mine of York", owner=workspace.owner, pinned=True
    )
    assert "Mine of York" in client.get("/accounts/").content.decode()
    view.delete()
    assert "Mine of York" not in client.get("/accounts/").content.decode()
