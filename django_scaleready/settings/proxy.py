"""All replicas believe the same of the load balancer in front of them: nothing, until told.

Reads TRUST_PROXY, CSRF_TRUSTED_ORIGINS.
Sets SECURE_PROXY_SSL_HEADER, USE_X_FORWARDED_HOST, USE_X_FORWARDED_PORT, CSRF_TRUSTED_ORIGINS.
"""

from __future__ import annotations

from django_scaleready.env import FALSE, TRUE, env

__all__ = [
    "CSRF_TRUSTED_ORIGINS",
    "SECURE_PROXY_SSL_HEADER",
    "USE_X_FORWARDED_HOST",
    "USE_X_FORWARDED_PORT",
]

_said: frozenset[str] = frozenset(
    env.words("TRUST_PROXY", accepts=("proto", "host", "port", *sorted(TRUE), *sorted(FALSE)))
)
# A "false" among others wins: nothing is believed by accident.
_trusted: frozenset[str] = frozenset() if _said & FALSE else _said

# Without it each request looks like HTTP behind a balancer that ends TLS: SECURE_SSL_REDIRECT loops
# and CSRF refuses every form. Believed from anybody, a client turns HTTPS off for itself.
SECURE_PROXY_SSL_HEADER: tuple[str, str] | None = (
    ("HTTP_X_FORWARDED_PROTO", "https") if _trusted & {"proto", *TRUE} else None
)

# Links in mails name the replica's own host if the balancer replaces Host; believed from anybody,
# they name the host of an attacker. So "true" alone does not include them.
USE_X_FORWARDED_HOST: bool = "host" in _trusted
USE_X_FORWARDED_PORT: bool = "port" in _trusted

# Where TLS ends before a proxy that does not forward the scheme, forms need their origin named.
CSRF_TRUSTED_ORIGINS: list[str] = env.words("CSRF_TRUSTED_ORIGINS")
