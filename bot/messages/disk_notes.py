"""The question about restored disks that expired: what was attached is never deleted by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from advisor.words import counted, listed
from bot.messages.blocks import (
    Block,
    Message,
    cut,
    paragraph,
    person,
    rich_text,
    run,
    space,
    top_level,
)
from bot.messages.inputs import actions
from bot.messages.list_page import month_words
from bot.messages.made_buttons import MadeVerb, made_buttons
from bot.messages.request_list import cost_lines
from bot.messages.request_words import LINE_LIMIT, NAME_LIMIT, REASON_LIMIT, short_name, title
from bot.requests.model import Point
from bot.requests.moments import moment_words
from bot.requests.request import Request

_NAMED = 5


def disk_expired(request: Request, disks: Sequence[Point], again_at: datetime) -> Message:
    """To the requester, in the thread: these disks expired and stay until somebody says so."""
    wording = (
        f"{title(request)}: {_what(disks)} expired and costs {_cost(disks)}. A VM has or had it, "
        "so vmbackup does not delete it by itself. Delete it now, which another person approves "
        "and which needs it detached, or leave it: you are asked again on "
        f"{moment_words(again_at)}."
    )
    return _asking(request, wording)


def disk_expires_soon(request: Request, disks: Sequence[Point]) -> Message:
    """The reminder: nothing that was attached is deleted, whatever its expiry says."""
    until = f" on {moment_words(request.expires_at)}" if request.expires_at else " soon"
    wording = (
        f"{title(request)}: {_what(disks)} expires{until} and costs {_cost(disks)}. What a VM has "
        "or had attached is not deleted by itself: you are asked then, and can delete it now."
    )
    return _asking(request, wording)


def _asking(request: Request, wording: str) -> Message:
    requester = request.requester.user_id
    line: list[dict[str, Any]] = [person(requester), space(" ")] if requester else []
    line.append(run(wording, REASON_LIMIT * 2))
    buttons = made_buttons(request.id, title(request), (MadeVerb.DELETE,))
    blocks: tuple[Block, ...] = (rich_text(paragraph(*line)), actions(*buttons))
    return Message(text=top_level([wording]), blocks=blocks)


def _what(disks: Sequence[Point]) -> str:
    names = listed(cut(short_name(each.arm_id), NAME_LIMIT) for each in disks[:_NAMED])
    more = f" and {len(disks) - _NAMED} more" if len(disks) > _NAMED else ""
    return cut(f"{counted(len(disks), 'restored disk')} ({names}{more})", LINE_LIMIT)


def _cost(disks: Sequence[Point]) -> str:
    return month_words(cost_lines(disks))
