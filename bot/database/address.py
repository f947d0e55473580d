"""Reads DATABASE_URL, and refuses an address to which a password must not be sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import psycopg
from psycopg.conninfo import conninfo_to_dict

from advisor.errors import SettingsUnreadable
from advisor.loopback import is_loopback

VARIABLE = "DATABASE_URL"
#: The only mode that checks both the certificate and the name in it (libpq, "SSL Support", 18).
SAFE_MODE = "verify-full"
#: The client notices a lost server within a minute, not after TCP's own two hours.
_DEFAULTS = {
    "connect_timeout": "5",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "application_name": "vmbackup",
}


def keywords_of(url: str) -> Mapping[str, str]:
    """The URL as psycopg's keywords; raises SettingsUnreadable, without repeating the password."""
    try:
        parsed = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise _unreadable(
            "it cannot be read. Write it like "
            "postgresql://user:password@host/database?sslmode=verify-full, with special "
            "characters of the password percent-encoded."
        ) from None
    keywords = {name: str(value) for name, value in parsed.items() if value is not None}
    _check(keywords)
    return _DEFAULTS | keywords


def place_of(keywords: Mapping[str, str]) -> str:
    """The address for a sentence: host, port and database, never the user or the password."""
    port = keywords.get("port", "5432")
    return f"“{keywords.get('dbname', '')}” at {keywords.get('host', '')}, port {port}"


def _check(keywords: Mapping[str, str]) -> None:
    hosts = tuple(_hosts(keywords))
    if not hosts:
        raise _unreadable(
            "it names no host. Write it like postgresql://user:password@host/database."
        )
    remote = [host for host in hosts if not _is_local(host)]
    mode = keywords.get("sslmode", "")
    if remote and mode != SAFE_MODE:
        cause = f"sslmode={mode} does" if mode else "without sslmode it does"
        raise _unreadable(
            f"{cause} not prove that {remote[0]} is your server, and any server that answers "
            f"would get the password. Add sslmode={SAFE_MODE} (and sslrootcert, the file of the "
            "certificate authority, or sslrootcert=system)."
        )


def _hosts(keywords: Mapping[str, str]) -> Iterator[str]:
    """The hosts that libpq connects to: `hostaddr` before `host`; each may name several."""
    named = keywords.get("hostaddr") or keywords.get("host") or ""
    yield from (host.strip() for host in named.split(",") if host.strip())


def _is_local(host: str) -> bool:
    return host.startswith(("/", "@")) or is_loopback(host)


def _unreadable(reason: str) -> SettingsUnreadable:
    return SettingsUnreadable("the environment", VARIABLE, reason)
