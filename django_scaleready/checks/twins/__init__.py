"""The settings, loaded in fresh processes that differ as two replicas do, and compared."""
