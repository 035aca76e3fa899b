from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="sitepage", name="version", field=models.PositiveIntegerField(default=1)
        ),
        migrations.RemoveConstraint(model_name="sitepage", name="one_page_a_language"),
        migrations.AddConstraint(
            model_name="sitepage",
            constraint=models.UniqueConstraint(
                fields=("slug", "language", "version"), name="one_page_a_version"
            ),
        ),
    ]
