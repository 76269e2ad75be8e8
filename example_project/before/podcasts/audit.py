"""Who changed what: the trail that an auditor may ask for."""

import logging

logger = logging.getLogger("castaway.audit")


def record(actor, action, subject):
    """Write one entry to the audit log."""
    logger.info("%s %s %s", actor.get_username(), action, subject)
