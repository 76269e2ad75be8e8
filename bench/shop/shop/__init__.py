"""A small project that is restarted while it is used."""
