"""The judgement of a click: Slack says who pressed, then one transaction decides and writes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.messages import request_notes as notes
from bot.requests.approval.clicks import ClickRuling, groups_to_read, judge_click
from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import RequestRules
from bot.requests.changes import ClickJudgement, Note, NoteKind
from bot.requests.model import Approval, Click
from bot.requests.request import Request
from bot.workflow.click_changes import AcceptedClick, clean_up_of, judgement_of
from bot.workflow.ports import Deletion, Ports
from bot.workflow.transitions import body


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickJudge:
    """Everything a click is judged by, besides what the database holds."""

    person: Person | None
    groups: Membership
    rules: RequestRules
    new_request_id: str  #: for the clean-up, where one is asked for
    is_half_done: bool  #: the request made something already
    deletion: Deletion

    def judge(
        self,
        click: Click,
        request: Request | None,
        approvals: Sequence[Approval],
        now: datetime,
    ) -> ClickJudgement:
        """Pure: the store calls it within the transaction that holds the request's row."""
        ruling = judge_click(click, request, approvals, self.person, self.groups, self.rules, now)
        answer = _answer(click, ruling)
        if request is None or not ruling.acts:
            return ClickJudgement(notes=(answer,))
        accepted = AcceptedClick(
            click=replace(click, user_name=self.person.name) if self.person else click,
            request=request,
            ruling=ruling,
            approvals=tuple(approvals),
            groups=self.groups,
            rules=self.rules,
            is_half_done=self.is_half_done,
            now=now,
        )
        if ruling.create_clean_up:
            return clean_up_of(accepted, answer, self.new_request_id, self.deletion)
        return judgement_of(accepted, answer)


async def judge(ports: Ports, click_id: str) -> None:
    """Judge one click, once; the worker that comes second finds the click answered."""
    click = await ports.store.click(click_id)
    if click is None:
        return
    request = await ports.store.by_button(click.button) if click.button else None
    group_ids = groups_to_read(click, request, ports.rules)
    people = ports.people
    person, groups = await asyncio.gather(
        people.person(click.user_id, fresh=True),
        people.groups(group_ids, fresh=True),
    )
    click_judge = ClickJudge(
        person=person,
        groups=groups,
        rules=ports.rules,
        new_request_id=ports.new_request_id(),
        is_half_done=await _has_points(ports, request),
        deletion=ports.deletion,
    )
    await ports.store.judge(click_id, click_judge.judge)


async def _has_points(ports: Ports, request: Request | None) -> bool:
    """Read before the judgement: while a request waits for people, nothing of it is made."""
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
