"""The subcommands of ``manage.py scaleready``, a module each.

Each has ``HELP`` (one line), ``add_arguments(parser)`` and ``handle(command, options)``, which
returns the exit code, None for 0. The list of them stands in the command; what is not there is no
subcommand.
"""
