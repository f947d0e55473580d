"""Why no plan can be made of a wish: a sentence for whoever asked."""

from __future__ import annotations

from advisor.errors import UsageError


class PlanRefused(UsageError):
    """The VM, its disks or the wish allow no plan; asking again changes nothing by itself."""
