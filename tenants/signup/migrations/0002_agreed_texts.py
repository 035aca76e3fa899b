from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signup", "0001_pending_sign_up")]

    operations = [
        migrations.AddField(
            model_name="pendingsignup", name="agreed", field=models.JSONField(blank=True, default=dict, null=True)
        ),
    ]
