"""When a request is given up, and how it ends then: with a sentence that says why."""

from __future__ import annotations

from datetime import datetime, timedelta

from advisor.words import duration
from bot.messages import direct_notes
from bot.messages import request_notes as notes
from bot.requests.action import Effect
from bot.requests.changes import AuditEntry, Change, ClickJudgement, Note, NoteKind
from bot.requests.model import Click
from bot.requests.request import Request
from bot.requests.states import State
from bot.workflow import transitions
from bot.workflow.deletion import deletion_failed, deletion_refused
from bot.workflow.ports import NotNow, Ports
from bot.workflow.vm_standing import vm_standing

#: A click whose judgement fails so often is answered all the same.
CLICK_TRIES = 3


class Unforeseen(NotNow):
    """An error that nobody foresaw; its traceback is in the log, under this id."""

    def __init__(self, error_id: str) -> None:
        super().__init__(
            f"Something went wrong inside vmbackup: error {error_id} is in the bot's log."
        )


def why_given_up(ports: Ports, request: Request, reason: NotNow, now: datetime) -> str:
    """Why the request is not tried any more; empty: it is tried again."""
    pace, rules = ports.pace, ports.rules
    since = request.approved_at or request.asked_at
    is_worn = request.attempts >= pace.begin_attempts_at_most
    match request.state:
        case State.PLANNING if now >= request.asked_at + pace.planning_at_most:
            return f"It could not be planned for {_minutes(pace.planning_at_most)}."
        case State.APPROVED if is_worn and now >= since + rules.begin_within:
            return f"It could not be begun within {_minutes(rules.begin_within)}."
        case State.RUNNING if (
            isinstance(reason, Unforeseen) and now >= since + pace.running_at_most
        ):
            return f"It could not be finished within {duration(pace.running_at_most)}."
    return ""


async def end_of(ports: Ports, request: Request, why: str) -> Change:
    """The end of a request that was given up; it names what exists of it, or may exist."""
    if request.state is State.RUNNING and request.plan is not None:
        stands = vm_standing(request.plan, await ports.store.steps(request.id), is_unsure=True)
        why = f"{why} {stands}".strip()
    if request.row.facts.effect is Effect.DELETES:
        return await _deletion_end(ports, request, why)
    if await ports.store.points(request_id=request.id, alive=True):
        return transitions.not_resumed(request, why)
    if request.state is State.RUNNING:
        return await _failed_with_rest(ports, request, why)
    return transitions.refused(request, why, to=State.FAILED)


async def _deletion_end(ports: Ports, request: Request, why: str) -> Change:
    if request.state is State.RUNNING:
        return deletion_failed(request, why)
    return await deletion_refused(ports, request, why)


async def _failed_with_rest(ports: Ports, request: Request, why: str) -> Change:
    """No worker could look again at what was sent: the resources are named."""
    left = [step.target_id for step in await ports.store.steps(request.id) if step.attempts]
    return Change(
        to=State.FAILED,
        entry=AuditEntry(kind="failed", detail={"why": why, "left": left}),
        fields={"why": why},
        notes=(
            transitions.thread("end", notes.failed(request, why, left=left)),
            *transitions.told("end", request, direct_notes.failed(request, why)),
        ),
        wake_in=None,
    )


def answer_unjudged(click: Click, error_id: str) -> ClickJudgement:
    """The answer to a click that could not be judged; it changes nothing."""
    sentence = (
        "Something went wrong that should not have, and nothing was done. Press again; if it "
        f"stays, tell whoever runs this bot: error {error_id} is in its log."
    )
    note = Note(
        key=f"answer-{click.id}",
        kind=NoteKind.WHISPER,
        message=transitions.body(notes.answer(sentence)),
        channel_id=click.channel_id,
        user_id=click.user_id,
    )
    return ClickJudgement(notes=(note,))


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f} minutes"
