"""Undo of imports, mass edits and single changes, and undo of the undo."""

import pytest

from core.history.context import change
from core.history.undo import Reason, preview_undo, undo

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "migrator"])


def test_an_import_is_undone_and_redone(desk):
    with change(label="Before"):
        desk.company()
    empty = desk.fingerprint()
    batch = desk.import_contacts(50)
    full = desk.fingerprint()

    plan = preview_undo(batch)
    assert (plan.counts["try_contact"].delete, plan.kept) == (50, [])
    assert desk.fingerprint() == full, "a preview changes nothing"

    report = undo(batch)
    assert len(report.touched["try_contact"]) == 50
    assert desk.fingerprint() == empty

    undo(report.batch)
    assert desk.fingerprint() == full
