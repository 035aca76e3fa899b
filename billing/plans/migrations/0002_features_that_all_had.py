"""What was for everybody before it could be left out of a plan stays with every version of that time."""

from django.db import migrations

_HAD = ("import", "mail", "reports")


def keep(apps, schema_editor):
    versions = apps.get_model("billing_plans", "PlanVersion")
    for version in versions.objects.all():
        version.features = [*version.features, *(each for each in _HAD if each not in version.features)]
        version.save(update_fields=["features"])


class Migration(migrations.Migration):
    dependencies = [("billing_plans", "0001_initial")]

    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
