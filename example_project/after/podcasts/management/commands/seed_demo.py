"""Create a user and a show to try Castaway with."""

import os

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from podcasts.models import Show


class Command(BaseCommand):
    """Takes the password from the environment, so that no process list shows it."""

    help = (
        "Creates a staff user and the show night-trains. The password is read from DEMO_PASSWORD."
        " Running it again changes the password and nothing else."
    )

    def add_arguments(self, parser):
        parser.add_argument("--username", default="demo", help="default: demo")

    def handle(self, *_, **options):
        password = os.environ.get("DEMO_PASSWORD", "")
        if not password:
            raise CommandError("DEMO_PASSWORD is not set; it becomes the demo user's password.")
        user, _ = get_user_model().objects.get_or_create(
            username=options["username"], defaults={"is_staff": True, "is_superuser": True}
        )
        user.set_password(password)
        user.save()
        show, _ = Show.objects.get_or_create(
            slug="night-trains",
            defaults={
                "title": "Night Trains",
                "description": "Sleeper cars, small stations, and those who work while we doze.",
                "owner": user,
            },
        )
        self.stdout.write(f"User {user.get_username()}, show {show.get_absolute_url()}")
