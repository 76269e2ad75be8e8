"""Calls to other hosts: which client makes them, and whether they can wait for ever."""
