"""Tax rates by country: one at a time, replaced, retired."""

from decimal import Decimal

import pytest

from billing.plans.models import TaxRate
from billing.plans.selectors import tax_rate_for
from billing.plans.taxes import retire_tax_rate, set_tax_rate
from core.errors import Conflict, DomainError
from core.tenancy.scope import public_scope

pytestmark = pytest.mark.django_db
WORDS = {"name": "USt", "inclusive": False, "not_with_tax_id": True}


@pytest.fixture(autouse=True)
def _public(db):
    with public_scope(switch=True, reason="test"):
        yield


def test_a_rate_replaces_the_former_one_and_keeps_it():
    first = set_tax_rate(country="DE", percent=Decimal(16), **WORDS)
    second = set_tax_rate(country="DE", percent=Decimal(19), **WORDS)
    assert tax_rate_for("DE", has_tax_id=False, home_country="DE") == second
    assert TaxRate.objects.get(pk=first.pk).is_active is False


def test_a_retired_rate_is_added_no_more():
    rate = set_tax_rate(country="DE", percent=Decimal(19), **WORDS)
    retire_tax_rate(rate_id=rate.pk)
    assert tax_rate_for("DE", has_tax_id=False, home_country="DE") is None
    with pytest.raises(Conflict):
        retire_tax_rate(rate_id=rate.pk)


@pytest.mark.parametrize(
    ("details", "field"),
    [({"country": "ZZ"}, "country"), ({"percent": Decimal(101)}, "percent"), ({"name": " "}, "name")],
)
def test_a_rate_that_is_none_is_refused(details, field):
    with pytest.raises(DomainError) as refused:
        set_tax_rate(**{"country": "DE", "percent": Decimal(19), **WORDS, **details})
    assert field in refused.value.fields
