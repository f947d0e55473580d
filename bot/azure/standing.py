"""What Azure shows of a step: what was wanted is there, coming, absent, failed, or not ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from bot.requests.model import Step, StepState

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class LookState(StrEnum):
    """How far what a step wants has come; of a deletion, too."""

    THERE = "there"  #: as it was wanted (a deletion: it is gone)
    COMING = "coming"  #: Azure is at it; look again later
    ABSENT = "absent"  #: nothing of it; send the request
    FOREIGN = "foreign"  #: something else has its place; nothing is sent, nothing overwritten
    FAILED = "failed"  #: Azure tried and failed, or what the step needs is gone


class LookResult(NamedTuple):
    """What one look showed. `why` is a sentence for people, empty where all is well."""

    state: LookState
    percent: int | None = None  #: of a copy in the background, 0 to 100
    unique_id: str = ""
    time_created: str = ""  #: as Azure writes it
    why: str = ""
    can_repeat: bool = False  #: of FAILED: the same request again may mend it
    resource: Mapping[str, Any] = _NOTHING


THERE = LookResult(LookState.THERE)
ABSENT = LookResult(LookState.ABSENT)
COMING = LookResult(LookState.COMING)


def foreign(why: str, resource: Mapping[str, Any] = _NOTHING) -> LookResult:
    """Something is in the place that this step must not touch."""
    return LookResult(LookState.FOREIGN, why=why, resource=resource)


def failed(why: str, resource: Mapping[str, Any] = _NOTHING, *, again: bool = False) -> LookResult:
    """Azure tried and failed."""
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
    """The step with what the look showed; ABSENT leaves its state, for the request is still due.

    What was once noted of the resource stays where this look shows nothing of it.
    """
    return replace(
        step,
        state=_STATES.get(standing.state, step.state),
        percent=standing.percent if standing.percent is not None else step.percent,
        why=standing.why,
        unique_id=standing.unique_id or step.unique_id,
        time_created=standing.time_created or step.time_created,
    )
