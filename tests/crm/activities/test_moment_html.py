"""What stands on the timeline is text, whoever wrote it."""

import pytest

from core.records.types import record_type
from core.records.writing import create_record
from crm.activities.models import Activity

pytestmark = pytest.mark.django_db
EVIL = "<script>alert('x')</script>\"&"
SAFE = "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&quot;&amp;"


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("note", {"body": EVIL}),
        ("mail", {"body": EVIL, "title": EVIL, "details": {"to": [EVIL], "cc": [EVIL], "state": "sent"}}),
        ("mail", {"body": "x", "details": {"state": "failed", "reason": EVIL}}),
    ],
)
def test_every_text_of_an_entry_is_escaped(workspace, client_of, kind, values):
    account = create_record(record_type("account"), {"name": EVIL}, by=workspace.owner).record
    contact = create_record(
        record_type("contact"), {"name": EVIL, "account_id": account.pk}, by=workspace.owner
    ).record
    Activity.objects.create(
        kind=kind,
        target_type="contact",
        target_id=contact.pk,
        root_id=account.pk,
        author=workspace.owner,
        **values,
    )
    workspace.owner.name = EVIL
    workspace.owner.save()
    page = client_of(workspace, workspace.owner).get(f"/accounts/{account.pk}/").content.decode()
    timeline = page.split('id="timeline"')[1].split("</section>")[0]
    assert "<script" not in timeline
    # The author, the record it is about, and each text of the entry's own.
    own = sum(str(value).count("alert") for value in values.values())
    assert timeline.count(SAFE) >= 2 + own
