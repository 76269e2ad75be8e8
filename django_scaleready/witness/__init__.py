"""What requests and tasks leave behind, seen while they run: an audit hook and three ways to it.

``plugin`` (pytest), ``runner`` (Django's test runner), ``sampling`` (a share of real requests).
Nothing here is imported unless one of them is asked for.
"""
