"""The error for a wish of which no plan can be made, with a sentence for the requester."""

from __future__ import annotations

from advisor.errors import UsageError


class PlanRefused(UsageError):
    """The VM, its disks or the wish allow no plan; the same request again is refused again."""
