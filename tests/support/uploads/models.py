"""Models that hold an upload: one of the project's own, and one of another system's table."""

from __future__ import annotations

from django.db import models


class Invoice(models.Model):
    scan = models.FileField()

    class Meta:
        managed = False

    def __str__(self) -> str:
        return self.scan.name or ""


class Receipt(models.Model):
    scan = models.FileField()

    def __str__(self) -> str:
        return self.scan.name or ""
