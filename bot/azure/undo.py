"""How a step is taken back: the step that does it, in whose place it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.azure.arm_ids import name_of
from bot.requests.model import Step, StepState
from bot.requests.tags import EXPIRES_TAG

_DELETED_BY = {
    "take-snapshot": "delete-snapshot",
    "copy-snapshot": "delete-snapshot",
    "take-restore-point": "delete-restore-point",
    "make-disk": "delete-disk",
}


def undo_of(step: Step) -> Step | None:
    """The step that takes this one back; None where nothing was sent or nothing is to be undone.

    Look at the step and note what it shows (`standing.noted`) before: a deletion is only done of
    what was noted. Undo in the reverse order of doing. A collection stays, for other requests'
    points lie in it, and so does what was deleted.
    """
    if step.state in (StepState.TODO, StepState.UNDONE):
        return None
    if step.verb in _DELETED_BY:
        return None if _never_came(step) else _deleted(step)
    match step.verb:
        case "attach-disk":
            return _again(step, "detach-disk", f"{_disk(step)} taken off again")
        case "swap-os-disk":
            return _swapped_back(step)
        case "start-vm":
            return _again(step, "deallocate", f"{name_of(step.target_id)} stopped again")
        case "deallocate" if step.body["expect"]["ran"]:
            return _again(step, "start-vm", f"{name_of(step.target_id)} started again")
        case "retag":
            return _retagged(step)
    return None


def _never_came(step: Step) -> bool:
    """Azure refused it, or something else has its place: nothing of ours was ever seen."""
    return step.state is StepState.REFUSED and not step.unique_id and not step.time_created


def _deleted(step: Step) -> Step:
    expect = {
        "tags": dict(step.body["expect"].get("tags") or {}),
        "unique_id": step.unique_id,
        "time_created": step.time_created,
    }
    what = f"deletion of {name_of(step.target_id)}"
    return _fresh(step, _DELETED_BY[step.verb], {}, expect, what)


def _swapped_back(step: Step) -> Step:
    send, expect = step.body["send"], step.body["expect"]
    back = {**expect, "disk_id": send["disk_id"]}
    what = f"{name_of(step.target_id)} on its former OS disk"
    return _fresh(step, step.verb, {"disk_id": expect["disk_id"]}, back, what)


def _retagged(step: Step) -> Step | None:
    before = step.body["expect"].get("before")
    if not before:
        return None
    what = f"{name_of(step.target_id)} kept as long as before"
    return _fresh(step, "retag", {"tags": {EXPIRES_TAG: before}}, step.body["expect"], what)


def _again(step: Step, verb: str, what: str) -> Step:
    return _fresh(step, verb, step.body["send"], step.body["expect"], what)


def _disk(step: Step) -> str:
    return name_of(str(step.body["send"]["disk_id"]))


def _fresh(
    step: Step, verb: str, send: Mapping[str, Any], expect: Mapping[str, Any], what: str
) -> Step:
    return replace(
        step,
        verb=verb,
        body={"send": dict(send), "expect": dict(expect)},
        what=what,
        after=None,
        state=StepState.TODO,
        percent=None,
        why="",
        attempts=0,
    )
