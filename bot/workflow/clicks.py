"""What a press of a button comes to: people are read from Slack, then all is one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.messages import request_notes as notes
from bot.messages.blocks import Message
from bot.requests.approval.choose_rule import choose_rule
from bot.requests.approval.clicks import ClickRuling, groups_to_read, judge_click
from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import RequestRules, Rule
from bot.requests.approval.who_may import still_needed
from bot.requests.changes import Ask, AuditEntry, Body, Change, ClickJudgement, Note, NoteKind
from bot.requests.model import Approval, Click, ClickKind, Request, Requester
from bot.requests.plan_hash import plan_hash
from bot.requests.states import State
from bot.workflow.card_facts import approvers
from bot.workflow.ports import Deletion, Ports
from bot.workflow.transitions import (
    body,
    half_again,
    thread,
)

#: What was read for one click serves those right after it: usergroups.users.list may be asked
#: 20 times a minute (Slack's tier 2, 2026-06), and many people press at once.
_SHARED_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickJudge:
    """Everything a click is judged by, besides what the database holds."""

    person: Person | None
    groups: Membership
    rules: RequestRules
    new_request_id: str  #: for the clean-up, where one is asked for
    exists: bool  #: whether something was made already: it was half done
    deletion: Deletion

    def judge(
        self,
        click: Click,
        request: Request | None,
        approvals: Sequence[Approval],
        now: datetime,
    ) -> ClickJudgement:
        """Pure: called within the transaction that holds the request's row."""
        ruling = judge_click(click, request, approvals, self.person, self.groups, self.rules, now)
        answer = _answer(click, ruling)
        if request is None or not ruling.acts:
            return ClickJudgement(notes=(answer,))
        named = replace(click, user_name=self.person.name) if self.person else click
        return _Writing(self, named, request, ruling, answer, approvals, now).judged()


async def judge(ports: Ports, click_id: str) -> None:
    """Judge one click, once; whoever comes second finds it answered."""
    click = await ports.store.click(click_id)
    if click is None:
        return
    request = await ports.store.by_button(click.button) if click.button else None
    wanted = groups_to_read(click, request, ports.rules)
    people = ports.people
    person, groups = await asyncio.gather(
        people.person(click.user_id, fresh=True, shared_seconds=_SHARED_SECONDS),
        people.groups(wanted, fresh=True, shared_seconds=_SHARED_SECONDS),
    )
    bench = ClickJudge(
        person=person,
        groups=groups,
        rules=ports.rules,
        new_request_id=ports.new_request_id(),
        exists=await _exists(ports, request),
        deletion=ports.deletion,
    )
    await ports.store.judge(click_id, bench.judge)


async def _exists(ports: Ports, request: Request | None) -> bool:
    """Read before the judgement: while it waits for people nothing of it is made."""
    if request is None:
        return False
    return bool(await ports.store.points(request_id=request.id, alive=True))


def _answer(click: Click, ruling: ClickRuling) -> Note:
    return Note(
        key=f"answer-{click.id}",
        kind=NoteKind.WHISPER,
        message=body(notes.answer(ruling.sentence)),
        channel_id=click.channel_id,
        user_id=click.user_id,
    )


@dataclass(frozen=True, slots=True)
class _Writing:
    """A ruling that writes something, turned into what the store writes."""

    bench: ClickJudge
    click: Click
    request: Request
    ruling: ClickRuling
    answer: Note
    approvals: Sequence[Approval]
    now: datetime

    def judged(self) -> ClickJudgement:
        if self.ruling.create_clean_up:
            return self._cleaning_up()
        approval = self._approval() if self.ruling.add_approval else None
        change = self._change(approval)
        return ClickJudgement(notes=(self.answer,), change=change, approval=approval)

    def _approval(self) -> Approval:
        plan = self.request.plan
        if plan is None:
            raise ValueError(f"{self.request.id} is approved without a plan.")
        return Approval(
            request_id=self.request.id,
            revision=self.request.revision,
            user_id=self.click.user_id,
            user_name=self.click.user_name,
            plan_hash=plan_hash(plan),
            why_allowed=self.ruling.why_allowed,
            at=self.now,
        )

    def _change(self, approval: Approval | None) -> Change:
        match self.click.kind:
            case ClickKind.APPROVE:
                return self._approved(approval)
            case ClickKind.DENY:
                return self._denied()
            case ClickKind.CANCEL:
                return self._cancelled()
            case ClickKind.GO_ON:
                return self._going_on()
            case ClickKind.LOOKED:
                return self._looked()
        raise ValueError(f"A click of {self.click.kind} changes no request.")

    def _approved(self, approval: Approval | None) -> Change:
        rule = choose_rule(self.request.plan, self.bench.rules) if self.request.plan else None
        is_enough = self.ruling.move_to is State.APPROVED
        needed = "" if is_enough or rule is None else self._still_needed(rule)
        why = self.ruling.why_allowed

        def said(head: str) -> Message:
            return notes.approved(self.request, self.click.user_id, why, needed, head)

        fields = {"begin_by": self.now + self.bench.rules.begin_within} if is_enough else {}
        return Change(
            to=self.ruling.move_to,
            entry=self._entry("approved", plan=approval.plan_hash if approval else ""),
            fields={**fields, "why": ""},
            notes=(thread(self._key("approved"), lambda head: body(said(head))),),
            wake_in=_AT_ONCE if is_enough else None,
        )

    def _still_needed(self, rule: Rule) -> str:
        """With this click, in words."""
        plan, bench = self.request.plan, self.bench
        before = approvers(self.request, plan, self.approvals) if plan else ()
        left = still_needed((*before, self.click.user_id), rule, bench.groups)
        return bench.rules.demand_words(left)

    def _denied(self) -> Change:
        request, click, exists = self.request, self.click, self.bench.exists
        who = click.user_name or click.user_id

        def said(head: str) -> Body:
            return body(notes.denied(request, click.user_id, click.text, head, exists=exists))

        change = Change(
            to=State.DENIED,
            entry=self._entry("denied", reason=click.text),
            fields={"why": f"@{who} denied it: {click.text.strip()}"},
            notes=(thread(self._key("denied"), said),),
            wake_in=None,
        )
        return half_again(request, change) if exists else change

    def _cancelled(self) -> Change:
        if self.ruling.ask_cancel:
            return self._stopping()
        request, who, exists = self.request, self.click.user_id, self.bench.exists

        def said(head: str) -> Body:
            return body(notes.cancelled(request, who, head, exists=exists))

        change = Change(
            to=State.CANCELLED,
            entry=self._entry("cancelled"),
            fields={"why": "Whoever asked took it back."},
            notes=(thread(self._key("cancel"), said),),
            wake_in=None,
        )
        return half_again(request, change) if exists else change

    def _stopping(self) -> Change:
        return Change(
            to=None,
            entry=self._entry("asked to stop"),
            fields={"cancel_asked_by": self.click.user_id},
            notes=(
                thread(
                    self._key("cancel"),
                    lambda head: body(notes.stopping(self.request, self.click.user_id, head)),
                ),
            ),
            wake_in=_AT_ONCE,
        )

    def _going_on(self) -> Change:
        """With the approval that it had: where that is too old by now, people are asked again."""
        return Change(
            to=State.APPROVED,
            entry=self._entry("goes on"),
            fields={
                "approved_at": self.request.approved_at,
                "cancel_asked_by": "",
                "why": "",
            },
            notes=(
                thread(
                    self._key("goes-on"),
                    lambda head: body(notes.going_on(self.request, self.click.user_id, head)),
                ),
            ),
        )

    def _looked(self) -> Change:
        return Change(
            to=None,
            entry=self._entry("looked"),
            fields={"looked_by": self.click.user_id},
            notes=(
                thread(
                    self._key("looked"),
                    lambda head: body(notes.looked(self.request, self.click.user_id, head)),
                ),
            ),
            wake_in=None,
        )

    def _cleaning_up(self) -> ClickJudgement:
        """What exists is deleted by a request of its own; this one waits for it."""
        ask = Ask(
            id=self.bench.new_request_id,
            requester=Requester(
                team_id=self.click.team_id,
                user_id=self.click.user_id,
                user_name=self.click.user_name,
                channel_id=self.click.channel_id,
            ),
            wish=self.bench.deletion(self.request.id, "It was half done."),
            content_key=f"clean-up:{self.request.id}:{self.request.version}",
        )
        change = Change(
            to=None,
            entry=self._entry("is cleaned up", by=ask.id),
            notes=(
                thread(
                    self._key("clean-up"),
                    lambda head: body(notes.cleaning_up(self.request, self.click.user_id, head)),
                ),
            ),
            wake_in=None,
        )
        return ClickJudgement(notes=(self.answer,), change=change, create=ask)

    def _entry(self, kind: str, **detail: str) -> AuditEntry:
        why = {"why_allowed": self.ruling.why_allowed} if self.ruling.why_allowed else {}
        revision = {"revision": self.request.revision}
        return AuditEntry(kind=kind, who=self.click.user_id, detail={**revision, **why, **detail})

    def _key(self, what: str) -> str:
        return f"{what}-{self.click.id}"


_AT_ONCE = Change(to=None, entry=AuditEntry(kind="")).wake_in
