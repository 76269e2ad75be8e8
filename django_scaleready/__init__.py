"""Make a Django project safe to replicate behind a load balancer, and prove it.

This module imports nothing, so that naming the package costs nothing at start-up.
"""

__version__ = "0.1.0"
