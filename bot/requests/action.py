"""What an action is: its name, and the row that holds everything in which actions differ.

Messages, approval and workflow receive the row of a request; none of them knows an action by name.
A row has no defaults, so that a new action cannot leave out a sentence and be described in the
words of another action.
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
    RESTORE = "restore"  #: make disks of snapshots or restore points again
    COPY = "copy"  #: copy snapshots or restore points to another region
    EXTEND = "extend"  #: extend their retention
    DELETE = "delete"  #: delete what expired or is cleaned up


class Effect(StrEnum):
    """What an action leaves behind in Azure."""

    MAKES = "makes"  #: new resources
    EXTENDS = "extends"  #: a longer retention of what another request made
    DELETES = "deletes"  #: fewer resources: those that another request made are deleted


class RuledBy(StrEnum):
    """Which rules of the settings hold for an action."""

    #: The rules that name the action, and those that name no action at all. Only the actions that
    #: existed when a rule without `actions` still meant every action have this.
    NAMED_OR_UNNAMED = "named or unnamed"
    #: The rules that name the action in `actions`, and no others. Every new action has this.
    NAMED = "named"
    #: All rules, whatever actions they name, and no rule may name the action: the points that
    #: expire were approved when they were made, and any other deletion follows the rules of its VM.
    ANY = "any"


class Privilege(NamedTuple):
    """Something that a person may do with vmbackup besides deciding a request."""

    table: str  #: of `[requests]` in the settings; the table names the people
    words: str  #: after “may”: `ask for snapshots`


def own_privilege(action: Action, words: str) -> Privilege:
    """The privilege of an action whose people stand in a table of its own, so that no older table
    grants it."""
    return Privilege(f"may.{action}", words)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFacts:
    """What holds for every request of an action. The settings may only demand more."""

    action: Action
    privilege: Privilege  #: that the requester must have
    ruled_by: RuledBy
    fewest_approvals: int  #: by different people, whatever a rule says
    may_skip_approval: bool  #: whether `without_approval` of a rule holds for the action at all
    may_break_glass: bool
    can_be_undone: bool
    needs_reason: bool
    effect: Effect
    is_rolled_back: bool  #: half of it is of no use, so its steps are rolled back
    verbs: frozenset[str]  #: of `bot.azure.verbs`: those that its steps and their undoing may use
    #: Whether an earlier approval covers the request already, so that no approver is asked again.
    is_approved_before: Callable[[Request, RequestPlan], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionWords:
    """The words for an action that people read. Names in them are cut to what a card holds."""

    phrase: Callable[[Wish], str]  #: `a snapshot of web-01`, inside a sentence
    title: Callable[[Request], str]  #: `Snapshot of web-01`
    happens: Callable[[RequestPlan], str]  #: one sentence: what happens once the plan is approved
    happened: Callable[[RequestPlan], str]  #: the same sentence afterwards
    done: str  #: before the title, in the thread: `It is taken`
    of_point: str  #: participle for the points that the action made: `taken`
    done_meaning: str  #: replaces the meaning of the state `done` on its card, unless empty
    shows_consistency: bool  #: whether the card shows how consistent the points are
    shows_cost: bool  #: whether the card shows the cost and the retention
    is_restorable: bool  #: whether its points can be restored, and expire
    keeps_points: bool  #: whether points remain once it is done, with a cost and an expiry


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOfVm:
    """The plan is made from a VM as Azure shows it."""

    make: Callable[[VmGround, Wish], RequestPlan]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOfPoints:
    """The plan is made from the points that an earlier request made."""

    make: Callable[[PointsGround, Wish], RequestPlan]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """Everything that differs by the action, as a value. The steps stand in the same folder."""

    facts: ActionFacts
    words: ActionWords
    plan: PlanOfVm | PlanOfPoints


ActionRows = Mapping[Action, ActionRow]
"""The table of all actions; `bot.composition.actions` puts it together."""


def never_approved_before(_request: Request, _plan: RequestPlan) -> bool:
    """For an action that no earlier approval covers."""
    return False
