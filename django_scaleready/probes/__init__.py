"""Liveness, readiness and startup: what they ask, how they run, and how they answer."""
