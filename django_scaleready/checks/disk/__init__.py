"""The folders of a project: what is kept in them, who serves them, and which of them are shared."""
