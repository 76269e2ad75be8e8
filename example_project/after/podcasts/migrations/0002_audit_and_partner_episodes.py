import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import podcasts.models


class Migration(migrations.Migration):
    dependencies = [
        ("podcasts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("actor", models.CharField(max_length=150)),
                ("action", models.CharField(max_length=40)),
                ("subject", models.CharField(max_length=200)),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.AlterField(
            model_name="episode",
            name="audio",
            field=models.FileField(
                upload_to=podcasts.models.audio_path,
                validators=[
                    django.core.validators.FileExtensionValidator(
                        ["mp3", "m4a", "ogg", "opus", "wav"]
                    )
                ],
            ),
        ),
        migrations.CreateModel(
            name="PartnerEpisode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("guid", models.CharField(max_length=500)),
                ("title", models.CharField(max_length=500)),
                ("link", models.URLField(blank=True, max_length=500)),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="episodes",
                        to="podcasts.partner",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("partner", "guid"), name="partner_episode_guid")
                ],
            },
        ),
    ]
