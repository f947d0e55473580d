"""Long-running operations: where Azure says how far accepted work has come, and what it says there.

The first answer to a request that changes something only says that Azure accepted it. Most failures
of a start, an attachment or a copy come later, in the body of the operation's own address.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from bot.azure.refusals import RefusedForGood, RefusedForNow, failed_operation, retry_after

#: The headers with the address, the better one first: its body has a status.
_ADDRESSES = ("Azure-AsyncOperation", "Location")
_FAILED = frozenset({"failed", "canceled", "cancelled"})


class Operation(NamedTuple):
    """Accepted work: the address to ask, and the wait that Azure names before it is asked."""

    address: str
    wait: timedelta | None = None


class OperationState(StrEnum):
    """How far an operation has come."""

    IN_PROGRESS = "in progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"  #: the address is gone or says nothing; only a look at the resource tells


class Outcome(NamedTuple):
    """What an operation's address answered. `refusal` is why it failed."""

    state: OperationState
    wait: timedelta | None = None
    refusal: RefusedForNow | RefusedForGood | None = None


UNKNOWN = Outcome(OperationState.UNKNOWN)


def operation_in(headers: Mapping[str, str], asked: str, base_url: str) -> Operation | None:
    """The operation that a first answer names; None where it names none.

    An address on another host is dropped, because whoever asks it shows it the sign-in.
    """
    for name in _ADDRESSES:
        address = urljoin(asked, headers.get(name, "").strip()) if headers.get(name) else ""
        if address and is_at(address, base_url):
            return Operation(address, retry_after(headers))
    return None


def is_at(address: str, base_url: str) -> bool:
    """Whether scheme, host and port of an address are those of the door."""
    try:
        return _origin(address) == _origin(base_url)
    except ValueError:  # a port that is no number
        return False


def _origin(url: str) -> tuple[str, str | None, int | None, bool]:
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname, port, "@" in parts.netloc


def outcome_of(status: int, headers: Mapping[str, str], body: object) -> Outcome:
    """What an answer below 400 says: by its `status`, or at a Location by the HTTP status."""
    said = body.get("status") if isinstance(body, Mapping) else None
    if isinstance(said, str) and isinstance(body, Mapping):
        return _by_words(said.lower(), headers, body)
    if status == 202:
        return Outcome(OperationState.IN_PROGRESS, retry_after(headers))
    return Outcome(OperationState.SUCCEEDED)


def _by_words(said: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Outcome:
    if said in _FAILED:
        return Outcome(OperationState.FAILED, refusal=failed_operation(body))
    if said == "succeeded":
        return Outcome(OperationState.SUCCEEDED)
    return Outcome(OperationState.IN_PROGRESS, retry_after(headers))
