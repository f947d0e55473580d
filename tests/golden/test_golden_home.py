"""The App Home, as files that a person has read; and Slack's limits on the fullest one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.messages.blocks import Message
from bot.messages.home import HomeShown, home_view
from bot.requests.states import State
from deploy.local.slack.limits import view_problems
from tests.bot import sample_requests as some
from tests.golden.slack_as_text import drawn

Compare = Callable[[str, str], None]

UNREAD = "Slack does not say now who belongs to vm-approvers."
WAITING = some.a_request(State.WAITING)
MINE = (WAITING, some.a_request(State.HALF_DONE, why=some.QUOTA), some.a_request(State.DENIED))


def shown(view: dict[str, Any]) -> str:
    return drawn(Message(text="", blocks=tuple(view["blocks"])))


def test_the_home_reads_as_it_did(golden: Compare) -> None:
    found = HomeShown(to_decide=[WAITING], mine=MINE, unread=[UNREAD], at=some.NOW)
    empty = HomeShown(at=some.NOW)
    golden("home.slack.txt", f"{shown(home_view(found))}\n---\n{shown(home_view(empty))}")


def test_the_fullest_home_obeys_slacks_limits() -> None:
    many = [replace(WAITING, id=f"r-{number:012x}") for number in range(200)]
    found = HomeShown(
        to_decide=many, mine=many, more_to_decide=True, unread=[UNREAD] * 9, at=some.NOW
    )
    assert view_problems(home_view(found)) == []
    assert "and 180 more requests" in str(home_view(found))
