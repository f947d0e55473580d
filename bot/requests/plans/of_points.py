"""What the plans about existing points share: those of restore, copy, extend and delete.

An approval of such a plan is bound to the points: `unique_id` of a planned disk is the point's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from advisor.model import Consistency
from advisor.words import age, listed
from bot.requests.model import Cost, PlannedDisk, RequestPlan, Wish
from bot.requests.moments import moment_words
from bot.requests.plans.grounds import PointsGround
from bot.requests.plans.resources import Made

_NAMED = 2  # a note names at most so many points: a name has about 60 characters
_GONE = "The VM “{vm}” is not found any more."


def plan_about(
    ground: PointsGround,
    wish: Wish,
    made: Sequence[Made],
    disks: tuple[PlannedDisk, ...],
    cost: Cost,
) -> RequestPlan:
    """The plan with the VM as it is today, where it exists; each action adds its own fields."""
    origin, point = ground.origin, made[0].point
    vm = ground.known.vm if ground.known else None
    return replace(
        origin,
        action=wish.action,
        revision=ground.revision,
        kind=point.kind,
        vm_uuid=(vm.vm_id if vm else None) or origin.vm_uuid,
        disks=disks,
        keep=None,
        expires_at=None,
        of_request=point.request_id,
        of_requesters=tuple(sorted({one.point.requester_id for one in made})),
        swap_os_disk=False,
        os_disk_id="",
        attaches=False,
        vm_runs=True,
        left_out=(),
        rule="",
        settings_digest="",
        vm_tags=dict(vm.tags) if vm else origin.vm_tags,
        vm_tags_gone=(),
        taken_at=_taken_at(made),
        notes=() if vm else (_GONE.format(vm=origin.vm_name),),
        cost=cost,
    )


def point_as_disk(made: Made) -> PlannedDisk:
    """A planned disk whose source and target are the point itself, to be extended or deleted."""
    return replace(
        made.disk,
        unique_id=made.point.unique_id,
        source_id=made.point.arm_id,
        target_id=made.point.arm_id,
    )


def made_from(ground: PointsGround, made: Sequence[Made]) -> str:
    """The note that names the source points, their age and their consistency."""
    at, by = _taken_at(made), made[0].point.request_id
    return (
        f"From: {_names(made)}, {ground.how_made} {moment_words(at)} ({age(ground.now - at)} ago), "
        f"{_consistency(ground.origin, made)}, by request {by}."
    )


def _taken_at(made: Sequence[Made]) -> datetime:
    return min(one.point.made_at for one in made)


def _names(made: Sequence[Made]) -> str:
    """The names of the points, or their number where there are too many."""
    names = dict.fromkeys(one.point.arm_id.rpartition("/")[2] for one in made)
    return listed(names) if len(names) <= _NAMED else f"{len(names)} {made[0].point.kind}s"


def _consistency(origin: RequestPlan, made: Sequence[Made]) -> str:
    if origin.consistency is not Consistency.NONE:
        return f"{origin.consistency.label}-consistent"
    alone = len(made) == 1
    return "crash-consistent" if alone else "each disk at a moment of its own"
