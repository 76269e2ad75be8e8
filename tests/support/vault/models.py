"""A model that holds an upload in a storage that no setting names."""

from __future__ import annotations

from django.core.files.storage import FileSystemStorage
from django.db import models


class VaultStorage(FileSystemStorage):
    pass


class Contract(models.Model):
    signed = models.FileField(storage=VaultStorage("/srv/vault"))
    annex = models.FileField(storage=VaultStorage("/srv/vault"))

    def __str__(self) -> str:
        return self.signed.name or ""
