"""The steps of an extension: the new expiry, written into the tags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.azure.arm_ids import Resource, name_of, resource_kind
from bot.azure.refusals import RefusedForGood
from bot.azure.steps import Tags, expect_as_noted, planned_points, step_of
from bot.requests.model import Point, RequestPlan, Step
from bot.requests.moments import moment_words
from bot.requests.tags import EXPIRES_TAG, iso


def steps(plan: RequestPlan, _tags: Tags, points: Sequence[Point]) -> Iterator[Step]:
    """A step for each point that has tags; the expiry of a restore point is only in the ledger."""
    if plan.expires_at is None:
        raise RefusedForGood("The plan does not say until when it is kept.")
    for point in planned_points(plan, points):
        if resource_kind(point.arm_id) is Resource.RESTORE_POINT:
            continue
        send = {"tags": {EXPIRES_TAG: iso(plan.expires_at)}}
        what = f"{name_of(point.arm_id)} kept until {moment_words(plan.expires_at)}"
        before = iso(point.expires_at) if point.expires_at else ""
        noted = expect_as_noted(replace(point, expires_at=None))  # the expiry is what changes
        expect = noted | {"before": before}
        yield step_of("retag", point.arm_id, send, expect, what, disk_id=point.disk_id)
