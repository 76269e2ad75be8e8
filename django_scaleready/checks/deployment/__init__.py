"""The deploy files of a project, joined: what is started, where, as what, and how it stops."""
