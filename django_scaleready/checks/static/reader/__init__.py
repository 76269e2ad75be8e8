"""Running a settings module by reading it: its assignments, branches, imports and parts."""
