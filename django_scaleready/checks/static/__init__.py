"""Reading settings without importing the project: for a repository that cannot run here."""
