"""Helm's charts, read with the values that they bring themselves."""
