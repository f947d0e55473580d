"""One request and all that may happen to it, with a book of its own of who really said yes.

Every ruling is held against rules written a second time (`rule_oracle`): what acts had to be
allowed, and what was allowed acts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.composition.actions import action_facts
from bot.requests.approval.choose_rule import choose_rule
from bot.requests.approval.clicks import ClickRuling, judge_click
from bot.requests.approval.people import Person
from bot.requests.approval.rules import ASK, LIST, RESTORE, Circle, RequestRules, Rule
from bot.requests.approval.who_may import begin_check, counted_approvals, still_allowed
from bot.requests.model import Approval, Click, ClickKind, Requester, RequestPlan, Wish
from bot.requests.plan_hash import plan_hash
from bot.requests.states import FINAL, State, may_move
from tests.requests import rule_oracle as oracle
from tests.requests.rule_samples import HOUR, NOW, OPS, TEAM, request
from tests.requests.rule_strategies import USER_IDS, person

REQUESTER = USER_IDS[0]
WAIT = 8 * HOUR
BEGIN_WITHIN = HOUR


class Walk:
    """The world of one request; a walk calls what happens, in any order that `may_` allows."""

    def __init__(self, plan: RequestPlan, some: Iterable[Rule], groups: dict[str, Any]) -> None:
        self.seen: Counter[str] = Counter()
        self.now = NOW
        self.people: dict[str, Person | None] = {user_id: person(user_id) for user_id in USER_IDS}
        self.groups = groups
        self.rows: list[Approval] = []
        #: Who really said yes, to which plan: what the rulings may count on.
        self.said_yes: set[tuple[str, str]] = set()
        self.settings_change(some)
        self.request = replace(
            request(State.PLANNING),
            requester=Requester(team_id=TEAM, user_id=REQUESTER, user_name="Requester"),
            wish=Wish(action=plan.action),
        )
        self.is_shown(replace(plan, revision=1))

    # --- how the world changes

    def is_shown(self, plan: RequestPlan) -> None:
        """A card of this plan stands in the channel and waits."""
        self.hash = plan_hash(plan)
        self.request = replace(
            self.request,
            state=State.WAITING,
            plan=plan,
            revision=plan.revision,
            button=f"button-{plan.revision}",
            decide_by=self.now + WAIT,
        )

    def settings_change(self, some: Iterable[Rule]) -> None:
        may = {one.table: Circle(everybody=True) for one in (ASK, LIST, RESTORE)}
        self.rules = RequestRules(
            may=may, facts=action_facts(), rules=tuple(some), begin_within=BEGIN_WITHIN
        )

    def groups_change(self, groups: dict[str, Any]) -> None:
        self.groups = groups

    def somebody_changes(self, user_id: str, flag: str) -> None:
        """`flag`: what they are now; `unreadable`: Slack does not say; empty: as everybody."""
        gone = flag == "unreadable"
        self.people[user_id] = None if gone else person(user_id, flag or None)

    def time_passes(self, hours: float) -> None:
        self.now += timedelta(hours=hours)

    def may_be_planned_anew(self) -> bool:
        return self.request.state in FINAL | {State.WAITING, State.APPROVED}

    def the_plan_changes(self, plan: RequestPlan) -> None:
        """Even back to one that was approved before: a revision more is another plan.

        After an end it stands for the next request, so that a walk goes on.
        """
        self.is_shown(replace(plan, revision=self.request.revision + 1))

    def a_row_gets_there_that_should_not(self, user_id: str, how: str) -> None:
        """By a restored backup or a mistake: nothing may ever count it."""
        self.rows.append(
            self.row(
                REQUESTER if how == "own" else user_id,
                revision=self.request.revision - (how == "revision"),
                plan_hash="f" * 64 if how == "hash" else self.hash,
            )
        )

    def half_of_it_fails(self) -> None:
        self.request = replace(self.request, state=State.HALF_DONE)

    # --- what people and workers do

    def somebody_clicks(
        self, kind: ClickKind, by: str, button: str = "now", channel_id: str = OPS, text: str = ""
    ) -> None:
        values = {"now": self.request.button, "earlier": f"button-{self.request.revision - 1}"}
        click = Click(
            id="k",
            kind=kind,
            button=values.get(button, button),
            team_id=TEAM,
            user_id=by,
            user_name=by,
            channel_id=channel_id,
            message_ts="1.1",
            text=text,
        )
        ruling = judge_click(
            click,
            self.request,
            tuple(self.rows),
            self.people[by],
            self.groups,
            self.rules,
            self.now,
        )
        self.seen[f"{kind}: {ruling.reason}"] += 1
        self.check(click, ruling)
        self.write(click, ruling)

    def a_worker_begins(self) -> None:
        """As it does: the approvals of this plan, held against the people of now."""
        requester, revision = self.request.requester, self.request.revision
        chosen = choose_rule(self.plan, self.rules)
        rows = counted_approvals(self.rows, revision, self.hash, requester)
        young = begin_check(self.request.approved_at, BEGIN_WITHIN, self.now)
        if chosen is None or not young.allowed:
            return
        ruling = still_allowed(rows, self.people, self.groups, chosen, requester, self.rules)
        self.seen[f"begin: {ruling.reason}"] += 1
        assert ruling.allowed == self.is_sound({row.user_id for row in rows})
        if ruling.allowed:
            assert self.request.approved_at is not None
            assert self.now - self.request.approved_at < BEGIN_WITHIN
            self.request = replace(self.request, state=State.RUNNING)

    # --- what must hold

    def is_sound(self, approvers: set[str]) -> bool:
        """Whether these people really said yes to this plan, may still do so, and suffice."""
        found = self.found()
        return (
            all((one, self.hash) in self.said_yes for one in approvers)
            and all(self.decides(one) for one in approvers)
            and oracle.suffices(approvers, found, self.groups)
        )

    def check(self, click: Click, ruling: ClickRuling) -> None:
        """What acts had to be allowed, and what was allowed acts."""
        assert ruling.sentence
        here = (click.button, click.channel_id) == (self.request.button, OPS)
        here = here or (click.kind is ClickKind.WITHDRAW and bool(click.button))
        assert here or not ruling.acts
        if ruling.move_to is not None:
            assert may_move(self.request.state, ruling.move_to)
        may = self.decides(click.user_id)
        may_now = here and may and self.is_open()
        if click.kind is ClickKind.APPROVE:
            self.check_approval(click, ruling, may_now)
        elif click.kind is ClickKind.DENY:
            assert ruling.move_to in (None, State.DENIED)
            assert (ruling.move_to is State.DENIED) == (may_now and bool(click.text))
        else:
            assert not ruling.add_approval
            self.check_other(click, ruling, may)

    def check_approval(self, click: Click, ruling: ClickRuling, may_now: bool) -> None:
        before = {user_id for user_id, plan in self.said_yes if plan == self.hash}
        enough = oracle.suffices(before | {click.user_id}, self.found(), self.groups)
        assert click.user_id != REQUESTER or not ruling.acts
        assert may_now or not ruling.acts
        assert (enough and may_now) or ruling.move_to is None
        assert not (ruling.add_approval and click.user_id in before)
        if may_now and None not in self.groups.values():
            assert ruling.add_approval == (click.user_id not in before)
            assert (ruling.move_to is State.APPROVED) == enough

    def check_other(self, click: Click, ruling: ClickRuling, may: bool) -> None:
        is_requester = click.user_id == REQUESTER
        if click.kind is ClickKind.CANCEL:
            may_stop = may and self.request.state in (State.APPROVED, State.RUNNING)
            assert is_requester or may_stop or not ruling.acts
        elif click.kind is ClickKind.WITHDRAW:
            live = (State.WAITING, State.APPROVED, State.RUNNING)
            may_end = may and self.request.state in live
            assert is_requester or may_end or not ruling.acts
        elif click.kind is ClickKind.DELETE_NOW:
            assert self.request.state is State.DONE or not ruling.acts
        else:
            fit = oracle.is_fit(self.people[click.user_id])
            assert (is_requester and fit) or may or not ruling.acts
            assert self.request.state is State.HALF_DONE or not ruling.acts

    # --- the book

    def write(self, click: Click, ruling: ClickRuling) -> None:
        """As the store does: what the ruling says and nothing else."""
        if ruling.add_approval:
            self.rows.append(self.row(click.user_id))
            self.said_yes.add((click.user_id, self.hash))
        if ruling.move_to is not None:
            approved_at = self.now if ruling.move_to is State.APPROVED else None
            self.request = replace(
                self.request, state=ruling.move_to, approved_at=approved_at, why="It moved."
            )

    def row(self, user_id: str, **more: Any) -> Approval:
        values = {"revision": self.request.revision, "plan_hash": self.hash} | more
        return Approval(
            request_id=self.request.id,
            user_id=user_id,
            user_name=user_id,
            why_allowed="",
            at=self.now,
            **values,
        )

    def found(self) -> list[Rule]:
        return oracle.matching(self.plan, self.rules.rules)

    def decides(self, user_id: str) -> bool:
        return oracle.decides(self.people[user_id], REQUESTER, self.found(), self.groups)

    def is_open(self) -> bool:
        until = self.request.decide_by
        return self.request.state is State.WAITING and until is not None and self.now < until

    @property
    def plan(self) -> RequestPlan:
        assert self.request.plan is not None
        return self.request.plan
