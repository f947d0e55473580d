"""The steps of a deletion: one for each point that is still there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.azure.steps import Tags, deletion_of, planned_points
from bot.requests.model import Point, RequestPlan, Step


def steps(plan: RequestPlan, _tags: Tags, points: Sequence[Point]) -> Iterator[Step]:
    """Only of what the plan names and the ledger still has."""
    return map(deletion_of, planned_points(plan, points))
