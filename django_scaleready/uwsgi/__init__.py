"""uWSGI as a replica's web server: ``uwsgi --ini "$(python -m django_scaleready uwsgi-ini)" ...``.

uWSGI 2 cannot drain. Its master is a C program that runs no Python of its own, answers SIGTERM
with a brutal reload, and while it stops gracefully replaces nobody and waits without end. So three
processes share the work:

- the **master** runs on as ever. ``in_master`` is imported into it before the fork; from then on a
  SIGTERM does no more than put a byte into a socket (``heard``).
- the **keeper**, a mule, reads it: readiness fails, the drain passes, ``q`` goes into the master's
  FIFO, and what does not end in time is ended.
- the **workers** serve, and leave a trace of their threads when they are ended (``traces``).

Start-up code: none of it loads Django or the project.
"""
