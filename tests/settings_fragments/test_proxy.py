"""What is believed of a proxy: nothing, until told."""

from __future__ import annotations

from typing import Any

import pytest
from support.fragments import evaluate

from django_scaleready.env import EnvError

HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize(
    ("value", "proto", "host", "port"),
    [
        ("", None, False, False),
        ("false", None, False, False),
        ("0", None, False, False),
        ("true", HEADER, False, False),
        ("1", HEADER, False, False),
        ("proto", HEADER, False, False),
        ("Host", None, True, False),
        ("proto, host,port", HEADER, True, True),
        ("true,port", HEADER, False, True),
        ("false,proto,host", None, False, False),
    ],
)
def test_trust(
    value: str, proto: Any, host: bool, port: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert evaluate("proxy", monkeypatch, TRUST_PROXY=value) == {
        "SECURE_PROXY_SSL_HEADER": proto,
        "USE_X_FORWARDED_HOST": host,
        "USE_X_FORWARDED_PORT": port,
        "CSRF_TRUSTED_ORIGINS": [],
    }


def test_off_is_what_django_has(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import global_settings

    for name, value in evaluate("proxy", monkeypatch).items():
        assert value == getattr(global_settings, name)


def test_an_unknown_word_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvError, match=r"TRUST_PROXY: got 'for', accepts .* proto, host, port"):
        evaluate("proxy", monkeypatch, TRUST_PROXY="proto,for")


def test_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = evaluate(
        "proxy", monkeypatch, CSRF_TRUSTED_ORIGINS="https://a.example,https://b.example"
    )
    assert proxy["CSRF_TRUSTED_ORIGINS"] == ["https://a.example", "https://b.example"]
