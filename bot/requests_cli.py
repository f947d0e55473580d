"""`vmbackup requests`: the requests in the bot's database, as Slack lists them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from advisor.cli.group import LeafCommand
from advisor.cli.output import printable
from advisor.errors import DatabaseUnusable

if TYPE_CHECKING:
    from bot.requests.model import Money, Point
    from bot.requests.request import Request

#: The shape of `--json`; it rises where a key changes its meaning or goes.
DOCUMENT_VERSION = 1
MOST_AT_ONCE = 1_000


class _Page(NamedTuple):
    requests: Sequence[Request]
    points: Mapping[str, Sequence[Point]]
    current: int
    every: int


@click.command(cls=LeafCommand)
@click.argument("vm", metavar="[VM]", required=False, default="")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also what ended long ago, what was refused at once, and what vmbackup deleted itself.",
)
@click.option(
    "--most",
    type=click.IntRange(1, MOST_AT_ONCE),
    default=50,
    show_default=True,
    metavar="N",
    help="How many are listed at most.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def requests(vm: str, everything: bool, most: int, as_json: bool) -> None:
    """List the requests under way, what is kept, and what ended lately; of VM or of all.

    They are in the bot's database: that of DATABASE_URL or the one in VMBACKUP_DATA_DIR. The bot
    may run meanwhile.
    """
    from bot.composition.command import loop_for_psycopg

    with asyncio.Runner(loop_factory=loop_for_psycopg()) as runner:
        page = runner.run(_read(vm.strip(), everything, most))
    click.echo(_as_json(page) if as_json else _as_text(page, vm.strip()))


async def _read(vm: str, everything: bool, most: int) -> _Page:
    from psycopg.errors import UndefinedColumn, UndefinedTable

    from bot.composition.actions import action_rows
    from bot.database import open_to_read
    from bot.database.store import Store
    from bot.jobs.enqueue import JobWakes
    from bot.settings import read_settings_without_slack

    async with open_to_read(read_settings_without_slack()) as database:
        store = Store(database, JobWakes(), action_rows())
        try:
            found = await store.listed(vm, everything=everything, limit=most)
            points = await store.points_of([each.id for each in found.requests])
        except (UndefinedTable, UndefinedColumn) as error:
            raise DatabaseUnusable(
                "This database has no requests of this version. Start the bot on it once: that "
                "brings its schema up to date."
            ) from error
    by_request = {
        each.id: [point for point in points if point.request_id == each.id]
        for each in found.requests
    }
    return _Page(found.requests, by_request, found.current, found.every)


def _as_json(page: _Page) -> str:
    document = {
        "version": DOCUMENT_VERSION,
        "requests": [_request(each, page.points[each.id]) for each in page.requests],
        "current": page.current,
        "every": page.every,
    }
    return json.dumps(document, indent=2)


def _request(request: Request, points: Sequence[Point]) -> dict[str, Any]:
    from bot.messages.request_list import request_state
    from bot.messages.request_words import title

    cost = request.plan.cost if request.plan else None
    return {
        "id": request.id,
        "action": str(request.action),
        "title": title(request),
        "state": str(request.state),
        "standing": request_state(request, points),
        "vm": request.wish.vm,
        "requester": {"id": request.requester.user_id, "name": request.requester.user_name},
        "reason": request.wish.reason,
        "why": request.why,
        "asked_at": _time(request.asked_at),
        "decide_by": _time(request.decide_by),
        "finished_at": _time(request.finished_at),
        "monthly": _money(cost.a_month, cost.currency) if cost else None,
        "missing_prices": list(cost.missing) if cost else [],
        "points": [_point(each) for each in points],
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "id": point.arm_id,
        "kind": str(point.kind),
        "size_gib": point.size_gib,
        "made_at": _time(point.made_at),
        "expires_at": _time(point.expires_at),
        "deleted_at": _time(point.deleted_at),
        "in_azure": str(point.in_azure),
        "monthly": _money(point.cost_a_month, point.currency),
    }


def _money(money: Money | None, currency: str) -> dict[str, str] | None:
    """Decimal strings; None: a price is missing."""
    if money is None:
        return None
    low, likely, high = (f"{each:f}" for each in money)
    return {"currency": currency, "low": low, "likely": likely, "high": high}


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None


def _as_text(page: _Page, vm: str) -> str:
    of = f" of {printable(vm)}" if vm else ""
    if not page.requests:
        hidden = page.every - page.current
        more = f" {hidden} more are listed with --all." if hidden else ""
        return f"Nothing{of} is asked for or kept, and nothing was asked for lately.{more}"
    lines = [line for each in page.requests for line in _lines(each, page.points[each.id])]
    rest = page.current - len(page.requests)
    if rest > 0:
        lines.append(f"{rest} more are listed with a larger --most.")
    return printable("\n".join(lines))


def _lines(request: Request, points: Sequence[Point]) -> list[str]:
    from bot.messages.request_list import kept_words, request_state, standing
    from bot.messages.request_words import title
    from bot.requests.moments import moment_words

    who = request.requester.user_name or request.requester.user_id or "vmbackup"
    asked = f"asked for by {_one_line(who)} on {moment_words(request.asked_at)}"
    lines = [
        f"{request.id}  {_one_line(title(request))}: {_one_line(request_state(request, points))}"
    ]
    lines.append(f"{'':<14}  {asked}")
    if kept := kept_words(standing(points)):
        lines.append(f"{'':<14}  {kept}")
    if request.wish.reason:
        lines.append(f"{'':<14}  reason: {_one_line(request.wish.reason)}")
    return lines


def _one_line(text: str) -> str:
    return " ".join(text.split())
