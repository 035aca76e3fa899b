"""Ready templates: whole at sign-up, adding only what is missing later."""

import pytest
from django.utils import translation

from core.errors import DomainError
from core.history.undo import undo
from core.modules import modules, modules_off
from core.records.types import forget_choices, record_type
from core.tenancy.scope import public_scope
from crm.accounts.models import Account
from crm.customize.models import PicklistItem
from crm.customize.selectors import picklists
from crm.opportunities.models import Opportunity, Pipeline, Stage
from crm.samples.rules.trades import firm_of
from crm.samples.services import add_samples
from crm.trades.rules.catalog import TEMPLATES, template_of
from crm.trades.selectors import additions_of, trade_of_workspace
from crm.trades.services.applying import apply_template
from crm.workspace.rules.numbers import check_pattern
from crm.workspace.selectors.numbering import is_numbered, numbered_types
from tenants.people.models import User
from tenants.people.workspace_settings import forget_settings
from tenants.signup.trades import known_trade, trade_choices
from tests.conftest import _sign_up

pytestmark = pytest.mark.django_db
KEYS = [each.key for each in TEMPLATES]


@pytest.fixture
def opened(db):
    """opened(trade, …) → a workspace that was signed up with it; its scope is not open."""

    def open_one(trade: str, **details):
        with public_scope():
            return _sign_up(trade=trade, **details)

    return open_one


@pytest.mark.parametrize("template", TEMPLATES, ids=KEYS)
def test_a_template_names_only_what_exists(template, workspace):
    assert set(template.picklists) <= {each.key for each in picklists()}
    assert set(template.modules_off) <= {each.key for each in modules()}
    assert set(template.numbering) <= {kind.key for kind in numbered_types()}
    for plan in template.numbering.values():
        check_pattern(plan.pattern, plan.reset)
    for language in ("en", "zh-hans"):
        with translation.override(language):
            for plan in template.pipelines:
                names = [str(stage.name) for stage in plan.stages]
                assert len(set(names)) == len(names)
                assert [stage.outcome for stage in plan.stages][-2:] == ["won", "lost"]
                assert all(stage.outcome == "open" for stage in plan.stages[:-2])
            for choices in template.picklists.values():
                labels = [str(label) for label, _tone in choices]
                assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("template", TEMPLATES, ids=KEYS)
def test_a_workspace_opens_in_the_shape_of_its_trade(template, language, opened, client_of):
    place = opened(template.key, language=language)
    with place.scope(), translation.override(language):
        assert trade_of_workspace() == template.key
        assert list(Pipeline.objects.values_list("name", flat=True)) == [
            str(each.name) for each in template.pipelines
        ]
        stages = Stage.objects.filter(pipeline__position=0).order_by("position")
        assert [stage.name for stage in stages] == [str(stage.name) for stage in template.pipelines[0].stages]
        for key, choices in template.picklists.items():
            labels = list(PicklistItem.objects.filter(picklist=key).values_list("label", flat=True))
            assert labels == [str(label) for label, _tone in choices]
        assert PicklistItem.objects.filter(picklist="trade").exists()
        assert modules_off() == set(template.modules_off)
        assert {kind.key for kind in numbered_types() if is_numbered(kind.key)} == set(template.numbering)
        assert not additions_of(template)
        for plan in template.fields:
            field = next(f for f in record_type(plan.record_type).fields if str(f.label) == str(plan.label))
            if plan.choices:
                assert [str(each.label) for each in field.options()] == [str(label) for label in plan.choices]
        made = add_samples(by=place.owner)
        firm = firm_of(template.key, language)
        assert made > 150
        assert Account.objects.filter(name=firm.accounts[0][0]).exists()
        assert Account.objects.filter(trade__isnull=True).count() == 0
        assert set(Opportunity.objects.values_list("name", flat=True)) <= set(firm.works)
        for key in template.numbering:
            assert not record_type(key).model.objects.filter(number="").exists()
    page = client_of(place, place.owner).get("/opportunities/board/").content.decode()
    assert str(stages[0].name) in page


def test_the_general_workspace_is_as_before(workspace):
    assert trade_of_workspace() == ""
    assert list(Pipeline.objects.values_list("name", flat=True)) == ["Sales"]
    assert modules_off() == frozenset()
    assert firm_of("", "en") is firm_of("something newer", "en")


@pytest.mark.parametrize("key", KEYS)
def test_later_it_adds_and_changes_nothing_that_is_there(key, workspace):
    before = {
        "items": set(PicklistItem.objects.values_list("pk", "label", "tone", "position")),
        "pipelines": set(Pipeline.objects.values_list("pk", "name", "position")),
        "stages": set(Stage.objects.values_list("pk", "name", "position")),
    }
    told = additions_of(template_of(key))
    batch = apply_template(key, by=workspace.owner)
    after = {
        "items": set(PicklistItem.objects.values_list("pk", "label", "tone", "position")),
        "pipelines": set(Pipeline.objects.values_list("pk", "name", "position")),
        "stages": set(Stage.objects.values_list("pk", "name", "position")),
    }
    assert all(before[name] <= after[name] for name in before)
    choices = sum(len(new) for _key, _label, new in told.lists) + sum(
        len(plan.choices) for _kind, plan in told.fields
    )
    assert len(after["items"] - before["items"]) == choices
    assert len(after["pipelines"] - before["pipelines"]) == len(told.pipelines)
    assert {kind.key for kind, _plan in told.numbering} == {
        k.key for k in numbered_types() if is_numbered(k.key)
    }
    assert modules_off() == frozenset()
    for kind, plan in told.fields:
        assert str(plan.label) in [str(field.label) for field in record_type(kind.key).fields]
    assert not additions_of(template_of(key))
    with pytest.raises(DomainError):
        apply_template(key, by=workspace.owner)
    undo(batch, by=workspace.owner, label="undone")
    forget_settings()
    forget_choices()
    assert [plan for _kind, plan in additions_of(template_of(key)).fields] == [
        plan for _kind, plan in told.fields
    ]
    assert set(PicklistItem.objects.values_list("pk", "label", "tone", "position")) == before["items"]
    assert set(Stage.objects.values_list("pk", "name", "position")) == before["stages"]
    assert not any(is_numbered(kind.key) for kind in numbered_types())


def test_a_plan_with_one_pipeline_gets_the_rest(workspace, monkeypatch):
    monkeypatch.setattr("crm.trades.selectors.allows", lambda snapshot, feature: False)
    told = additions_of(template_of("agency"))
    assert (told.pipelines, len(told.kept_out)) == ([], 2)
    apply_template("agency", by=workspace.owner)
    assert Pipeline.objects.count() == 1
    assert PicklistItem.objects.filter(label="Pitch portal").exists()


def test_the_form_offers_them_and_a_strange_key_is_the_general_one(db):
    assert [each.key for each in trade_choices()] == ["general", *KEYS]
    assert known_trade("school") == "school"
    assert known_trade("<script>") == "general"


def test_the_pages(workspace, client_of):
    client = client_of(workspace, workspace.owner)
    assert client.get("/settings/templates/").status_code == 200
    page = client.get("/settings/templates/school/").content.decode()
    for words in ("Enrolment", "Trial lesson", "Open day", "EN-{YYYY}-{000}"):
        assert words in page
    assert client.post("/settings/templates/school/apply/").status_code == 302
    assert "here already" in client.get("/settings/templates/school/").content.decode()
    assert client.get("/settings/templates/nonsense/").status_code == 404
    assert client.post("/settings/templates/nonsense/apply/").status_code == 422
    member = client_of(workspace, User.objects.create_user("m@own.example", "x", name="Member"))
    for path in ("/settings/templates/", "/settings/templates/school/"):
        assert member.get(path).status_code == 403
    assert member.post("/settings/templates/school/apply/").status_code == 403
