"""From the front page into a workspace."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import override_settings

from core.errors import DomainError
from core.tenancy.scope import public_scope, tenant_scope
from crm.opportunities.models import Pipeline
from tenants.people.models import EntryCode, User
from tenants.registry.hosts import snapshot_of_host
from tenants.signup.models import PendingSignUp
from tenants.signup.pending import keep_pending
from tenants.signup.services import check_sign_up
from tenants.signup.views import opening

pytestmark = pytest.mark.django_db


def _enter(visitor, url: str):
    parts = urlsplit(url)
    return visitor.post(parts.path, headers={"host": parts.netloc})


def test_the_form_opens_a_workspace_and_its_owner_is_in(visitor, form):
    answer = visitor.post("/", form)
    assert answer.status_code == 302
    host = urlsplit(answer.url).hostname
    assert host == f"{form['address']}.{settings.GUANXI['BASE_HOST']}"
    assert _enter(visitor, answer.url).url == "/"
    page = visitor.get("/profile/", headers={"host": urlsplit(answer.url).netloc})
    assert form["mail"] in page.content.decode()
    with public_scope():
        snapshot = snapshot_of_host(host)
    assert (snapshot.language, snapshot.currency, snapshot.country) == ("zh-hans", "CNY", "CN")


def test_the_trade_that_is_chosen_shapes_the_workspace(visitor, form):
    page = visitor.get("/").content.decode()
    for key in ("general", "trading", "agency", "equipment", "school"):
        assert f'name="trade" value="{key}"' in page
    url = visitor.post("/", form | {"trade": "school"}).url
    with public_scope():
        schema = snapshot_of_host(urlsplit(url).hostname).schema
    with tenant_scope(schema):
        assert list(Pipeline.objects.values_list("name", flat=True)) == ["招生"]


def test_a_form_that_comes_back_keeps_the_trade(visitor, form):
    page = visitor.post("/", form | {"trade": "agency", "mail": "nobody"}).content.decode()
    assert 'value="agency" checked' in page


def test_who_waits_for_a_workspace_keeps_the_trade(db):
    with public_scope():
        checked = check_sign_up(
            mail="w@w.example",
            name="W",
            workspace="Waiting",
            address="waiting-works",
            password="correct horse battery",
        )
        keep_pending(replace(checked, trade="trading"))
        assert PendingSignUp.objects.get().trade == "trading"


def test_an_entry_link_works_once(visitor, form):
    url = visitor.post("/", form).url
    assert _enter(visitor, url).status_code == 302
    visitor.cookies.clear()
    answer = _enter(visitor, url)
    assert answer.status_code == 410
    assert "/account/login/" in answer.content.decode()


def test_looking_at_an_entry_link_does_not_use_it_up(visitor, form):
    url = visitor.post("/", form).url
    assert visitor.get(urlsplit(url).path, headers={"host": urlsplit(url).netloc}).status_code == 200
    assert _enter(visitor, url).status_code == 302


def test_an_entry_link_older_than_a_minute_is_refused(visitor, form):
    url = visitor.post("/", form).url
    with public_scope():
        schema = snapshot_of_host(urlsplit(url).hostname).schema
    with tenant_scope(schema):
        code = EntryCode.objects.get()
        code.expires_at = code.expires_at.replace(year=code.expires_at.year - 1)
        code.save()
    assert _enter(visitor, url).status_code == 410


def test_an_entry_code_of_one_workspace_opens_no_other(visitor, form, other_workspace):
    url = urlsplit(visitor.post("/", form).url)
    foreign = f"{other_workspace.host}{settings.GUANXI['PUBLIC_PORT']}"
    assert visitor.post(url.path, headers={"host": foreign}).status_code == 410


def test_one_answer_names_all_that_is_wrong(visitor, form):
    wrong = form | {"mail": "nobody", "name": " ", "address": "www", "password": "1234567890"}
    page = visitor.post("/", wrong).content.decode()
    for sentence in ("Give a mail address", "This is needed", "This address is reserved", "entirely numeric"):
        assert sentence in page
    assert wrong["password"] not in page


def test_the_terms_must_be_agreed_to(visitor, form):
    answer = visitor.post("/", {name: value for name, value in form.items() if name != "terms"})
    assert (answer.status_code, "agree to the terms" in answer.content.decode()) == (422, True)


def test_a_taken_address_is_refused_and_the_form_kept(visitor, form):
    visitor.post("/", form)
    answer = visitor.post("/", form | {"workspace": "Another One"})
    assert answer.status_code == 422
    assert "Another One" in answer.content.decode()


def test_sending_the_form_twice_makes_one_owner(visitor, form):
    url = visitor.post("/", form).url
    assert visitor.post("/", form).status_code == 422
    with public_scope():
        schema = snapshot_of_host(urlsplit(url).hostname).schema
    with tenant_scope(schema):
        assert User.objects.count() == 1


def test_one_address_may_not_open_many_workspaces(visitor, form):
    with public_scope():
        caches["default"].clear()
    with override_settings(GUANXI={**settings.GUANXI, "SIGNUPS_PER_HOUR": 1}):
        assert visitor.post("/", form).status_code == 302
        answer = visitor.post("/", form | {"address": f"{form['address']}-b"})
    assert (answer.status_code, "too often" in answer.content.decode()) == (429, True)


def test_tries_are_counted_before_a_password_is_hashed(visitor, form, monkeypatch):
    with public_scope():
        caches["default"].clear()
    checked = []

    def check(**given):
        checked.append(given)
        raise DomainError("Not so.")

    monkeypatch.setattr(opening, "_TRIES_AN_HOUR", 2)
    monkeypatch.setattr(opening, "check_sign_up", check)
    with override_settings(GUANXI={**settings.GUANXI, "SIGNUPS_PER_HOUR": 5}):
        assert [visitor.post("/", form).status_code for _try in range(3)] == [422, 422, 429]
    assert len(checked) == 2
    with override_settings(GUANXI={**settings.GUANXI, "SIGNUPS_PER_HOUR": 0}):
        assert visitor.post("/", form).status_code == 422


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("ab", "At least 3"), ("www", "reserved"), ("-no", "no hyphen at either end"), ("a--b", "two hyphens")],
)
def test_the_live_check_says_what_is_wrong(visitor, typed, sentence):
    assert sentence in visitor.get("/address/", {"address": typed}).content.decode()


def test_the_live_check_knows_taken_addresses_and_offers_free_ones(visitor, form):
    free = visitor.get("/address/", {"address": form["address"]}).content.decode()
    assert "is free" in free
    visitor.post("/", form)
    taken = visitor.get("/address/", {"address": form["address"]}).content.decode()
    assert "is taken" in taken
    assert f'data-address="{form["address"]}-crm"' in taken


def test_a_chinese_name_gets_addresses_in_pinyin(visitor):
    answer = visitor.get("/address/", {"address": "", "workspace": "宁波口腔"}).content.decode()
    assert 'data-address="ningbokouqiang"' in answer


def test_the_browsers_language_comes_first_and_can_be_changed(visitor):
    page = visitor.get("/", headers={"accept-language": "zh-CN,zh;q=0.9"}).content.decode()
    assert "开通您的工作区" in page
    visitor.post("/language/", {"language": "en", "next": "/"})
    page = visitor.get("/", headers={"accept-language": "zh-CN,zh;q=0.9"}).content.decode()
    assert "Open your workspace" in page


def test_the_language_switch_leads_to_no_other_site(visitor):
    assert visitor.post("/language/", {"language": "en", "next": "//evil.example/"}).url == "/"
