"""Which addresses are Slack's own: nothing is sent to another host, whatever an answer names."""

from __future__ import annotations

from urllib.parse import urlsplit

from advisor.loopback import is_loopback


def is_slacks_own(url: str, api_host: str, service: str) -> bool:
    """Whether it is https to Slack's host of a service, `hooks` or `files`; or loopback to
    loopback. `api_host`: that of the Web API."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if is_loopback(api_host):
        return is_loopback(host) and parts.scheme in ("http", "https")
    return parts.scheme == "https" and host == f"{service}.{api_host}" and port in (None, 443)
