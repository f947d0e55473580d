"""The judgement of a click: Slack says who pressed, then one transaction decides and writes."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from advisor.words import counted
from bot.messages import request_notes as notes
from bot.requests.approval.clicks import groups_to_read, judge_click
from bot.requests.approval.people import Membership, Person, SlackThrottled
from bot.requests.approval.rules import RequestRules
from bot.requests.changes import ClickJudgement, Note, NoteKind
from bot.requests.model import Approval, Click
from bot.requests.request import Request
from bot.workflow.click_changes import AcceptedClick, clean_up_of, judgement_of
from bot.workflow.ports import Deletion, Ports
from bot.workflow.transitions import body


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSays:
    """The person who clicked, and the members of the groups that decide, as just read."""

    person: Person | None
    groups: Membership
    wait_seconds: float | None = None  #: Slack names a wait, and says nothing before


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickJudge:
    """Everything a click is judged by, besides what the database holds."""

    slack: SlackSays
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
        person, groups = self.slack.person, self.slack.groups
        ruling = judge_click(click, request, approvals, person, groups, self.rules, now)
        if ruling.is_unknown and self.slack.wait_seconds is not None:
            return ClickJudgement(notes=(_kept(click, self.slack.wait_seconds),), waits=True)
        answer = _answer(click, ruling.sentence)
        if request is None or not ruling.acts:
            return ClickJudgement(notes=(answer,))
        accepted = AcceptedClick(
            click=replace(click, user_name=person.name) if person else click,
            request=request,
            ruling=ruling,
            approvals=tuple(approvals),
            groups=groups,
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
    click_judge = ClickJudge(
        slack=await _ask_slack(ports, click, request),
        rules=ports.rules,
        new_request_id=ports.new_request_id(),
        is_half_done=await _has_points(ports, request),
        deletion=ports.deletion,
    )
    await ports.store.judge(click_id, click_judge.judge)


async def _ask_slack(ports: Ports, click: Click, request: Request | None) -> SlackSays:
    people = ports.people
    group_ids = groups_to_read(click, request, ports.rules)
    try:
        person, groups = await asyncio.gather(
            people.person(click.user_id, fresh=True), people.groups(group_ids, fresh=True)
        )
    except SlackThrottled as throttled:
        return SlackSays(person=None, groups={}, wait_seconds=throttled.seconds)
    return SlackSays(person=person, groups=groups)


async def _has_points(ports: Ports, request: Request | None) -> bool:
    """Read before the judgement: while a request waits for people, nothing of it is made."""
    if request is None:
        return False
    return bool(await ports.store.points(request_id=request.id, alive=True))


def _kept(click: Click, seconds: float) -> Note:
    """Said once for each click, however often it has to wait."""
    wait = counted(max(math.ceil(seconds), 1), "second")
    sentence = (
        f"Slack limits how often this bot may ask who decides, and asks it to wait {wait}. Your "
        "click is stored and is judged after that; you need not press again."
    )
    return _answer(click, sentence, "waits")


def _answer(click: Click, sentence: str, key: str = "answer") -> Note:
    return Note(
        key=f"{key}-{click.id}",
        kind=NoteKind.WHISPER,
        message=body(notes.answer(sentence)),
        channel_id=click.channel_id,
        user_id=click.user_id,
    )
