"""A request, and the row of its action: everything in which actions differ.

Messages, approval and workflow receive the row with the request; none of them knows an action by
name. A row has no defaults, so that a new action cannot leave out a sentence and be described in
the words of another action.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.requests.action import Action, Effect, Privilege, RuledBy
from bot.requests.model import Requester, RequestPlan, Wish
from bot.requests.plans.grounds import PointsGround, VmGround
from bot.requests.states import State

# --- the row of an action --------------------------------------------------------------------


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
    #: After “Ada asks for” and “it would have been”: `2 incremental snapshots (os 64 GB, ...)`.
    wanted: Callable[[RequestPlan], str]
    #: What approvers must know before they press, as a sentence; empty: nothing but the above.
    effect: Callable[[RequestPlan], str]
    happens: Callable[[RequestPlan], str]  #: one sentence: what happens once the plan is approved
    happened: Callable[[RequestPlan], str]  #: the same sentence afterwards
    done: str  #: before the title, in the thread: `It is taken`
    of_point: str  #: participle for the points that the action made: `taken`
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


# --- the request -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One row: the truth about a request. A job is only a wake-up that carries its id."""

    id: str  #: `r-` and 12 hexadecimal digits
    row: ActionRow  #: of its action, from the table of actions
    state: State
    revision: int
    version: int  #: counts every change; the card shows one version
    wish: Wish
    requester: Requester
    plan: RequestPlan | None
    channel_id: str  #: of the card; empty while the request is planned
    asked_at: datetime
    decide_by: datetime | None = None
    approved_at: datetime | None = None
    begin_by: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None  #: of the points that were made
    reminded_at: datetime | None = None
    why: str = ""  #: the sentence of its last move
    cancel_asked_by: str = ""
    button: str = ""  #: the opaque id of this revision's buttons
    attempts: int = 0  #: transient failures (Azure unreachable) in this state
    look_by: datetime | None = None  #: break-glass: the deadline of the review
    looked_by: str = ""  #: the reviewer of a break-glass request
    undo_began: datetime | None = None  #: when what must not stay began to be rolled back
    free_at: datetime | None = None  #: when a rule let it go without an approval; it is counted

    @property
    def action(self) -> Action:
        """The action that the request performs in Azure."""
        return self.row.facts.action
