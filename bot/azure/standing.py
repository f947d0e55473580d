"""The result of a look at a step's target: there, coming, absent, failed, or foreign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from bot.requests.model import Step, StepState

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class LookState(StrEnum):
    """How far a step has come; of a deletion, too."""

    THERE = "there"  #: the target is as wanted (a deletion: it is gone)
    COMING = "coming"  #: Azure is working on it; look again later
    ABSENT = "absent"  #: nothing was done yet; send the request
    FOREIGN = "foreign"  #: another resource has the name; nothing is sent, nothing overwritten
    FAILED = "failed"  #: Azure tried and failed, or a resource that the step needs is gone


class LookResult(NamedTuple):
    """The result of one look. `why` is a sentence for people, empty where all is well."""

    state: LookState
    percent: int | None = None  #: of a copy in the background, 0 to 100
    unique_id: str = ""
    time_created: str = ""  #: as Azure writes it
    why: str = ""
    can_repeat: bool = False  #: of FAILED: the same request may succeed the next time
    resource: Mapping[str, Any] = _NOTHING


THERE = LookResult(LookState.THERE)
ABSENT = LookResult(LookState.ABSENT)
COMING = LookResult(LookState.COMING)


def foreign(why: str, resource: Mapping[str, Any] = _NOTHING) -> LookResult:
    """The result for a resource that this step must not touch."""
    return LookResult(LookState.FOREIGN, why=why, resource=resource)


def failed(why: str, resource: Mapping[str, Any] = _NOTHING, *, again: bool = False) -> LookResult:
    """The result for a step that failed; `again`: the same request may succeed the next time."""
    return LookResult(LookState.FAILED, why=why, resource=resource, can_repeat=again)


_STATES: Mapping[LookState, StepState] = MappingProxyType(
    {
        LookState.THERE: StepState.THERE,
        LookState.COMING: StepState.SENT,
        LookState.FOREIGN: StepState.REFUSED,
        LookState.FAILED: StepState.REFUSED,
    }
)


def noted(step: Step, standing: LookResult) -> Step:
    """The step with the result of a look; ABSENT leaves its state, for the request is still due.

    Ids and times that were noted earlier stay where this look shows none.
    """
    return replace(
        step,
        state=_STATES.get(standing.state, step.state),
        percent=standing.percent if standing.percent is not None else step.percent,
        why=standing.why,
        unique_id=standing.unique_id or step.unique_id,
        time_created=standing.time_created or step.time_created,
    )
