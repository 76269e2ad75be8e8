"""Who changed what: the trail that an auditor may ask for."""

from podcasts.models import AuditEntry


def record(actor, action, subject):
    """Write one entry, in the transaction of the change: neither is there without the other."""
    AuditEntry.objects.create(actor=actor.get_username(), action=action, subject=subject)
