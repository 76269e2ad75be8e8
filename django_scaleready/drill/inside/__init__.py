"""What runs in the project's own processes during a drill, and only then.

``overlay`` is the settings module: the project's own, with nothing exchanged but the addresses of
real services, and two middlewares more. ``facts``, ``prepare`` and ``discover`` are programs that
the drill runs once and that answer on stdout, as JSON.
"""
