"""What an action is: its name, and the row that holds everything in which actions differ.

Messages, approval and workflow are handed the row of a request; none of them knows an action by
name. A row has no defaults, so that a new action cannot forget to say something, and what it
leaves unsaid is never said in another action's words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bot.requests.model import Request, RequestPlan, Wish
    from bot.requests.plans.grounds import PointsGround, VmGround


class Action(StrEnum):
    """What a request changes in Azure. Its folder in `bot/actions` has the member's value."""

    SNAPSHOT = "snapshot"  #: take snapshots, or one restore point, of a VM's disks
    RESTORE = "restore"  #: make disks of them again
    COPY = "copy"  #: copy them to another region
    EXTEND = "extend"  #: keep them longer
    DELETE = "delete"  #: delete them: expired, or cleaned up


class Effect(StrEnum):
    """What an action leaves behind in Azure."""

    MAKES = "makes"  #: resources of its own
    EXTENDS = "extends"  #: nothing of its own: what another request made is kept longer
    DELETES = "deletes"  #: less than before: it deletes what another request made


class RuledBy(StrEnum):
    """Which rules of the settings hold for an action."""

    #: Those that name it, and those that name no action at all: only the actions that existed
    #: when a rule without `actions` still meant all of them.
    NAMED_OR_UNNAMED = "named or unnamed"
    #: Those that name it in `actions`, and no other. What every new action has.
    NAMED = "named"
    #: All of them, whatever actions they name, and none may name it: what expires was approved
    #: when it was made, and the rest goes where its VM's requests go.
    ANY = "any"


class Privilege(NamedTuple):
    """Something that somebody may do with vmbackup besides deciding."""

    table: str  #: of `[requests]` in the settings: it names the people
    words: str  #: after “may”: `ask for snapshots`


def own_privilege(action: Action, words: str) -> Privilege:
    """The privilege of an action that nothing written before may open: a table of its own."""
    return Privilege(f"may.{action}", words)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFacts:
    """What holds of every request of an action. The settings may only ask for more."""

    action: Action
    privilege: Privilege  #: what somebody needs who asks for it
    ruled_by: RuledBy
    fewest_approvals: int  #: of different people, whatever a rule says
    may_skip_approval: bool  #: whether `without_approval` of a rule holds for it at all
    may_break_glass: bool
    can_be_undone: bool
    needs_reason: bool
    effect: Effect
    is_taken_back: bool  #: half of it is of no use: what was done of it is undone
    verbs: frozenset[str]  #: those of `bot.azure.verbs` that its steps, done or undone, may have
    #: Whether what it is about was approved with this in view, so that nobody is asked again.
    is_approved_before: Callable[[Request, RequestPlan], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionWords:
    """How people read of an action. Names in them are cut to what a card holds."""

    asked: Callable[[Wish], str]  #: `a snapshot of web-01`, inside a sentence
    title: Callable[[Request], str]  #: `Snapshot of web-01`
    happens: Callable[[RequestPlan], str]  #: one sentence: what approving the plan makes happen
    happened: Callable[[RequestPlan], str]  #: the same sentence once it has happened
    done: str  #: before the title, in the thread: `It is taken`
    of_point: str  #: of a point that it made: `taken`
    over: str  #: in the small print of a request that is done; empty: what its state means
    shows_consistency: bool  #: whether its card says how consistent the points are
    shows_cost: bool  #: whether its card says what it costs and how long it is kept
    is_restorable: bool  #: what it made can be restored, and expires
    keeps_points: bool  #: points are there once it is done: what they cost, until when


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOfVm:
    """The plan is made of a VM as it is read."""

    make: Callable[[VmGround, Wish], RequestPlan]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOfPoints:
    """The plan is made of what an earlier request made."""

    make: Callable[[PointsGround, Wish], RequestPlan]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """Everything that differs by the action, as a value. Its steps stand in the same folder."""

    facts: ActionFacts
    words: ActionWords
    plan: PlanOfVm | PlanOfPoints


ActionRows = Mapping[Action, ActionRow]
"""The table of all actions; `bot.composition.actions` puts it together."""


def never_approved_before(_request: Request, _plan: RequestPlan) -> bool:
    """For what nobody has agreed to yet."""
    return False
