"""The errors that refuse a wish, each with a sentence for whoever asked."""

from __future__ import annotations

from advisor.errors import UsageError, VmbackupError


class PlanRefused(UsageError):
    """The VM, its disks or the wish allow no plan; the same request again is refused again."""


class NotAllowed(VmbackupError):
    """The rules say no; the sentence says why and what to do."""
