"""Celery beside Django: a schedule that outlives Redis, and the project's own logging."""
