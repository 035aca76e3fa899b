"""Search shows an opportunity's account, no longer its stage: documents made before say so too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0001_initial"), ("records", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "UPDATE records_searchdocument AS document SET subtitle = coalesce(account.name, '')"
            " FROM opportunities_opportunity AS opportunity"
            " LEFT JOIN accounts_account AS account ON account.id = opportunity.account_id"
            " WHERE opportunity.id = document.id AND document.record_type = 'opportunity'",
            migrations.RunSQL.noop,
        ),
    ]
