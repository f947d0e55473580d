"""Snapshots under an immutability policy: until it expires, Azure deletes none of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.azure.ownership import properties
from bot.azure.refusals import IMMUTABLE
from bot.requests.moments import moment_words


def immutable_until(resource: Mapping[str, Any]) -> datetime | None:
    """When the policy of a snapshot expires; None where it has none, or none that still holds.

    `isPolicyExpired` decides, because Azure counts the days from a start that it assigned.
    """
    policy = properties(resource).get("immutabilityPolicy") or {}
    if policy.get("isPolicyExpired") is not False:
        return None
    until = datetime.fromisoformat(str(policy["policyExpirationTime"]))
    return until if until.tzinfo else until.replace(tzinfo=UTC)


def why_immutable(resource: Mapping[str, Any]) -> str:
    """A sentence where a policy forbids the deletion; empty where none does."""
    until = immutable_until(resource)
    if until is None:
        return ""
    return f"{IMMUTABLE} until {moment_words(until)}: Azure deletes it only after that."
