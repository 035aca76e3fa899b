"""Four real files, as they were found, into a fresh workspace."""

from decimal import Decimal

import pytest
from django.db.models import Count, Sum

from crm.accounts.models import Account
from crm.opportunities.models import Opportunity
from crm.products.models import Product
from crm.transfer.models import ImportState
from tenants.people.models import Team, User
from tests.importing import SALES

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SALES.exists(), reason=f"{SALES.name} does not lie beside the checkout"),
]


def _file(name: str) -> bytes:
    return (SALES / name).read_bytes()


def _accept_first_suggestions(job, importer):
    """What a person does with "GTXPro looks like GTX Pro"."""
    unknown = job.findings["unknown"].get("product", [])
    job.answers = {"product": {text: {"do": "map", "id": found[0][0]} for text, _count, found in unknown}}
    job.save()
    return importer.check(job)


def test_four_files_become_a_workspace_and_an_undo_empties_it(importer):
    accounts = importer.whole("account", _file("accounts.csv"), "accounts.csv")
    assert accounts.state == ImportState.DONE
    assert Account.objects.count() == 85
    assert Account.objects.filter(parent__isnull=False).count() == 15
    assert Account.objects.get(name="Acme Corporation").trade.label == "technolgy"

    importer.whole("product", _file("products.csv"), "products.csv")
    assert Product.objects.count() == 7

    importer.whole("person", _file("sales_teams.csv"), "sales_teams.csv")
    placeholders = User.objects.filter(is_placeholder=True)
    assert placeholders.count() == 41
    assert placeholders.filter(manager__isnull=False).count() == 35
    assert placeholders.exclude(reports=None).distinct().count() == 6
    assert placeholders.filter(email__isnull=False).count() == 0
    assert Team.objects.count() == 3

    pipeline = importer.check(
        importer.upload("opportunity", _file("sales_pipeline.csv"), "sales_pipeline.csv")
    )
    [[text, count, suggestions]] = pipeline.findings["unknown"]["product"]
    assert (text, count, suggestions[0][1]) == ("GTXPro", 1480, "GTX Pro")
    pipeline = _accept_first_suggestions(pipeline, importer)
    assert pipeline.findings["counts"] == {"new": 8800}
    pipeline = importer.run(pipeline)
    assert pipeline.state == ImportState.DONE

    by_outcome = dict(Opportunity.objects.values_list("outcome").annotate(Count("id")))
    assert by_outcome == {"won": 4238, "lost": 2473, "open": 2089}
    open_stages = Opportunity.objects.filter(outcome="open").values_list("stage__name").annotate(Count("id"))
    assert sorted(count for _stage, count in open_stages) == [500, 1589]
    won = Opportunity.objects.filter(outcome="won")
    assert won.aggregate(total=Sum("amount"))["total"] == Decimal("10005534.00")
    assert Opportunity.objects.filter(account__isnull=True).count() == 1425
    darcel = won.filter(owner__name="Darcel Schlecht").aggregate(total=Sum("amount"))["total"]
    assert darcel == Decimal("1153214.00")
    assert Opportunity.objects.filter(product__name="GTX Pro").count() == 1480
    assert Opportunity.objects.filter(product__isnull=True).count() == 0
    assert Opportunity.objects.filter(owner__isnull=True).count() == 0

    again = importer.check(importer.upload("opportunity", _file("sales_pipeline.csv")))
    assert again.findings["counts"] == {"unchanged": 8800}

    undone = importer.undo(pipeline)
    assert undone.state == ImportState.UNDONE
    assert undone.undo_report["counts"]["kept"] == 0
    assert Opportunity.everything.count() == 0
