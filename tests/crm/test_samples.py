"""Sample data: plausible, in the workspace's language, and out again without a trace."""

import pytest

from core.errors import DomainError
from core.records.search import search
from crm.accounts.models import Account, Contact
from crm.activities.models import Activity, Task
from crm.opportunities.models import Opportunity
from crm.products.models import Product
from crm.samples.services import add_samples, remove_samples, samples_batch
from tenants.people.models import User

pytestmark = pytest.mark.django_db
MODELS = (Account, Contact, Product, Opportunity, Activity, Task)


def test_the_samples_come_and_go_as_a_whole(workspace):
    made = add_samples(by=workspace.owner)
    assert made > 300
    assert all(model.objects.exists() for model in MODELS)
    assert {each.outcome for each in Opportunity.objects.all()} == {"open", "won", "lost"}
    assert search("Northgate", to=workspace.owner)
    report = remove_samples(by=workspace.owner)
    assert report.kept_total == 0
    assert not any(model.everything.exists() for model in MODELS)
    assert list(User.objects.all()) == [workspace.owner]
    assert search("Northgate", to=workspace.owner) == []
    assert samples_batch() is None


def test_a_sample_that_somebody_changed_stays(workspace):
    add_samples(by=workspace.owner)
    kept = Account.objects.get(name="Tarn Software")
    kept.city = "Hull"
    kept.save()
    report = remove_samples(by=workspace.owner)
    assert report.kept_total >= 1
    assert [account.name for account in Account.objects.all()] == ["Tarn Software"]


def test_samples_are_added_once(workspace):
    add_samples(by=workspace.owner)
    with pytest.raises(DomainError):
        add_samples(by=workspace.owner)
