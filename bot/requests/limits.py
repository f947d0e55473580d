"""How long points are kept: the defaults of the settings, and what no setting exceeds. All ours."""

from __future__ import annotations

from datetime import timedelta

DEFAULT_KEEP = timedelta(days=3)
SHORTEST_KEEP = timedelta(hours=1)
LONGEST_KEEP = timedelta(days=30)
LONGEST_BREAK_GLASS = timedelta(hours=24)
