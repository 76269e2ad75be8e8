"""Threads, and work that nobody waits for."""
