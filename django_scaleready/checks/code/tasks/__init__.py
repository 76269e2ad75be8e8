"""Celery and other queues: the app, the tasks that are sent, and when."""
