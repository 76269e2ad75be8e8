"""JSON lines on stdout. Pure logging: nothing here knows Django."""
