"""Random people, groups, rules and clicks on one request, and no approval that should not be.

The walk keeps its own book of who really said yes to what, and holds every ruling against rules
written a second time (`rule_oracle`): what acts had to be allowed, and what was allowed acts.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from bot.requests.choosing import choose_rule
from bot.requests.clicks import ClickRuling, judge_click
from bot.requests.deciding import begin_check, counted_approvals, still_allowed
from bot.requests.model import Approval, Asker, Click, ClickKind, Plan, Wish
from bot.requests.people import Person
from bot.requests.plan_hash import plan_hash
from bot.requests.rules import Circle, RequestRules, Rule, Verb
from bot.requests.states import FINAL, State, may_move
from tests.requests import rule_oracle as oracle
from tests.requests.rule_samples import HOUR, NOW, OPS, TEAM, request
from tests.requests.rule_strategies import (
    FLAGS,
    GROUP_IDS,
    PLANS,
    RULES,
    USER_IDS,
    USERS,
    memberships,
    person,
)

ASKER = USER_IDS[0]
WAIT = 8 * HOUR
BEGIN_WITHIN = HOUR
KINDS = st.sampled_from([ClickKind.APPROVE] * 4 + list(ClickKind))
BUTTONS = st.sampled_from(["now"] * 8 + ["earlier", "forged", ""])
CHANNELS = st.sampled_from([OPS] * 8 + ["C02RANDOM"])
TEXTS = st.sampled_from(["", "not today"])


class Deciding(RuleBasedStateMachine):
    """One request, from its first plan to its end, and everything that may happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.people: dict[str, Person | None] = {user_id: person(user_id) for user_id in USER_IDS}
        self.groups: dict[str, Any] = {}
        self.rules = RequestRules()
        self.request = request(State.PLANNING)
        self.rows: list[Approval] = []
        #: Who really said yes, to which plan: what the rulings may count on.
        self.said_yes: set[tuple[str, str]] = set()

    # --- how the world is, and how it changes

    @initialize(
        plan=PLANS, some=st.lists(RULES, min_size=1, max_size=3), groups=memberships(GROUP_IDS)
    )
    def asked(self, plan: Plan, some: list[Rule], groups: dict[str, Any]) -> None:
        self.groups = groups
        self.set_rules(some)
        self.request = replace(
            self.request,
            asker=Asker(team_id=TEAM, user_id=ASKER, user_name="Asker"),
            wish=Wish(action=plan.action, break_glass=False),
        )
        self.shown(replace(plan, revision=1))

    def set_rules(self, some: list[Rule]) -> None:
        may = {verb: Circle(everybody=True) for verb in Verb}
        self.rules = RequestRules(may=may, rules=tuple(some), begin_within=BEGIN_WITHIN)

    def shown(self, plan: Plan) -> None:
        """A card of this plan stands in the channel and waits."""
        self.request = replace(
            self.request,
            state=State.WAITING,
            plan=plan,
            revision=plan.revision,
            button=f"button-{plan.revision}",
            decide_by=self.now + WAIT,
        )

    @rule(some=st.lists(RULES, max_size=3))
    def settings_change(self, some: list[Rule]) -> None:
        self.set_rules(some)

    @rule(groups=memberships(GROUP_IDS))
    def groups_change(self, groups: dict[str, Any]) -> None:
        self.groups = groups

    @rule(user_id=USERS, flag=st.sampled_from((None, None, *FLAGS)), known=st.booleans())
    def somebody_changes(self, user_id: str, flag: str | None, known: bool) -> None:
        self.people[user_id] = person(user_id, flag) if known or flag is None else None

    @rule(hours=st.sampled_from((0.25, 0.5, 1, 4)))
    def time_passes(self, hours: float) -> None:
        self.now += timedelta(hours=hours)

    @precondition(lambda self: self.request.state in (State.WAITING, State.APPROVED))
    @rule(plan=PLANS)
    def the_plan_changes(self, plan: Plan) -> None:
        """Even back to one that was approved before: a revision more is another plan."""
        self.shown(replace(plan, revision=self.request.revision + 1))

    @precondition(lambda self: self.request.plan is not None)
    @rule(user_id=USERS, how=st.sampled_from(("revision", "hash", "own")))
    def a_row_gets_there_that_should_not(self, user_id: str, how: str) -> None:
        """By a restored backup or a mistake: nothing may ever count it."""
        self.rows.append(
            self.row(
                ASKER if how == "own" else user_id,
                revision=self.request.revision - (how == "revision"),
                plan_hash="f" * 64 if how == "hash" else self.hash,
            )
        )

    # --- what people do

    @rule(kind=KINDS, by=USERS, button=BUTTONS, channel_id=CHANNELS, text=TEXTS)
    def somebody_clicks(
        self, kind: ClickKind, by: str, button: str, channel_id: str, text: str
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
        event(f"{kind}: {ruling.reason}")
        self.check(click, ruling)
        self.write(click, ruling)

    @precondition(lambda self: self.request.state is State.APPROVED)
    @rule()
    def a_worker_begins(self) -> None:
        """As it does: the approvals of this plan, held against the people of now."""
        plan, asker = self.plan, self.request.asker
        chosen = choose_rule(plan, self.rules)
        rows = counted_approvals(self.rows, self.request.revision, self.hash, asker)
        young = begin_check(self.request.approved_at, BEGIN_WITHIN, self.now)
        if chosen is None or not young.allowed:
            return
        ruling = still_allowed(rows, self.people, self.groups, chosen, asker, self.rules)
        found, approvers = self.found(), {row.user_id for row in rows}
        all_may = all(
            oracle.decides(self.people[one], ASKER, found, self.groups) for one in approvers
        )
        real = all((one, self.hash) in self.said_yes for one in approvers)
        event(f"begin: {ruling.reason}")
        sound = all_may and real and oracle.suffices(approvers, found, self.groups)
        assert ruling.allowed == sound
        if ruling.allowed:
            self.request = replace(self.request, state=State.RUNNING)

    @precondition(lambda self: self.request.state is State.RUNNING)
    @rule()
    def half_of_it_fails(self) -> None:
        self.request = replace(self.request, state=State.HALF_DONE)

    # --- what must hold

    def check(self, click: Click, ruling: ClickRuling) -> None:
        """What acts had to be allowed, and what was allowed acts."""
        assert ruling.sentence
        here = (click.button, click.channel_id) == (self.request.button, OPS)
        assert here or not ruling.acts
        if ruling.move_to is not None:
            assert may_move(self.request.state, ruling.move_to)
        may = oracle.decides(self.people[click.user_id], ASKER, self.found(), self.groups)
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
        assert may_now or not ruling.acts
        assert (enough and may_now) or ruling.move_to is None
        assert not (ruling.add_approval and click.user_id in before)
        if may_now and None not in self.groups.values():
            assert ruling.add_approval == (click.user_id not in before)
            assert (ruling.move_to is State.APPROVED) == enough

    def check_other(self, click: Click, ruling: ClickRuling, may: bool) -> None:
        is_asker = click.user_id == ASKER
        if click.kind is ClickKind.CANCEL:
            assert is_asker or not ruling.acts
        else:
            assert is_asker or may or not ruling.acts
            assert self.request.state is State.HALF_DONE or not ruling.acts

    @invariant()
    def nobody_who_asked_ever_said_yes(self) -> None:
        assert ASKER not in {user_id for user_id, _ in self.said_yes}

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

    def is_open(self) -> bool:
        until = self.request.decide_by
        return self.request.state is State.WAITING and until is not None and self.now < until

    @property
    def plan(self) -> Plan:
        assert self.request.plan is not None
        return self.request.plan

    @property
    def hash(self) -> str:
        return plan_hash(self.plan)

    @precondition(lambda self: self.request.state in FINAL)
    @rule()
    def it_is_asked_anew(self) -> None:
        """So that a walk goes on: the next plan of the same request, as another revision."""
        self.shown(replace(self.plan, revision=self.request.revision + 1))


TestDeciding = Deciding.TestCase
TestDeciding.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
