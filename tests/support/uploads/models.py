"""A model that holds an upload."""

from __future__ import annotations

from django.db import models


class Receipt(models.Model):
    scan = models.FileField()

    def __str__(self) -> str:
        return self.scan.name or ""
