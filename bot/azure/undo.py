"""How a step is rolled back: by another step, which takes its place."""

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
    """The step that rolls this one back; None where nothing was sent or nothing can be undone.

    The caller looks at the step and notes the result (`standing.noted`) first, because a deletion
    compares the resource with what was noted, and it rolls steps back in reverse order. A
    collection stays, for it holds other requests' points, too; a deletion cannot be undone.
    """
    if step.state in (StepState.TODO, StepState.UNDONE):
        return None
    if step.verb in _DELETED_BY:
        return None if _made_nothing(step) else _deletion(step)
    match step.verb:
        case "attach-disk":
            return _with_verb(step, "detach-disk", f"{_disk(step)} taken off again")
        case "swap-os-disk":
            return _swap_back(step)
        case "start-vm":
            return _with_verb(step, "deallocate", f"{name_of(step.target_id)} stopped again")
        case "deallocate" if step.body["expect"]["ran"]:
            return _with_verb(step, "start-vm", f"{name_of(step.target_id)} started again")
        case "retag":
            return _retag_back(step)
    return None


def _made_nothing(step: Step) -> bool:
    """Whether Azure refused the step, or another resource had the name: nothing was made."""
    return step.state is StepState.REFUSED and not step.unique_id and not step.time_created


def _deletion(step: Step) -> Step:
    expect = {
        "tags": dict(step.body["expect"].get("tags") or {}),
        "unique_id": step.unique_id,
        "time_created": step.time_created,
    }
    what = f"deletion of {name_of(step.target_id)}"
    return _replacement(step, _DELETED_BY[step.verb], {}, expect, what)


def _swap_back(step: Step) -> Step:
    send, expect = step.body["send"], step.body["expect"]
    back = {**expect, "disk_id": send["disk_id"]}
    what = f"{name_of(step.target_id)} on its former OS disk"
    return _replacement(step, step.verb, {"disk_id": expect["disk_id"]}, back, what)


def _retag_back(step: Step) -> Step | None:
    before = step.body["expect"].get("before")
    if not before:
        return None
    what = f"{name_of(step.target_id)} kept as long as before"
    return _replacement(step, "retag", {"tags": {EXPIRES_TAG: before}}, step.body["expect"], what)


def _with_verb(step: Step, verb: str, what: str) -> Step:
    return _replacement(step, verb, step.body["send"], step.body["expect"], what)


def _disk(step: Step) -> str:
    return name_of(str(step.body["send"]["disk_id"]))


def _replacement(
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
