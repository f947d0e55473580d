"""A bot that takes requests, on the played Slack; whoever keeps requests writes them down only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from advisor.asked import AdviceAsked
from advisor.cli.parameters import parse_asked
from advisor.model import Advice, KnownVm
from bot.commands.requesting import CardFound, PointsFound, Preview
from bot.composition.actions import action_rows
from bot.composition.slack_app import Bot, build_bot, over_http, over_socket_mode
from bot.known_at_once import nothing_of
from bot.messages.list_page import ListAsked
from bot.messages.listings import ListedPoint, PointStatus
from bot.messages.made_forms import MadeFound
from bot.messages.request_list import RequestsFound
from bot.messages.vm_picker import VmChoice
from bot.requests.action import Action
from bot.requests.changes import AskResult
from bot.requests.model import Click, Requester, Wish
from bot.requests.plans.bounds import Bounds
from bot.requests.refusals import PlanRefused
from bot.requests.request import Request
from bot.requests.states import State
from bot.settings import Settings
from bot.slack.inbound.http_server import PATH
from bot.workflow.find_card import CardPlace
from deploy.local.slack.standin import SlackStandIn
from tests.bot import sample_requests as some
from tests.bot.sample_advice import a_vm, an_advice

MADE = "r-00000000000d"


class Adviser:
    """Gives the sample advice for the VM asked for."""

    async def advise(self, asked: AdviceAsked) -> Advice:
        return an_advice(known=KnownVm(vm=a_vm(asked.vm)))


@dataclass
class Kept:
    """Keeps what arrives, and raises `error` where a test wants one."""

    asks: list[tuple[Requester, Wish, str]] = field(default_factory=list)
    clicks: list[Click] = field(default_factory=list)
    previewed: list[Wish] = field(default_factory=list)
    listed: list[ListAsked] = field(default_factory=list)
    withdrawn: list[tuple[Requester, str, str, str]] = field(default_factory=list)
    error: Exception | None = None
    offers: list[VmChoice] = field(default_factory=list)
    typed: list[tuple[str, str]] = field(default_factory=list)  #: by whom, and what
    held: list[asyncio.Event] = field(default_factory=list)  #: a preview waits for the first
    looked_up: list[str] = field(default_factory=list)
    strangers: set[str] = field(default_factory=set)  #: whom Slack has to be asked about first
    said: asyncio.Event | None = None  #: Slack says who somebody is once it is set
    bounds: Bounds = Bounds()  # noqa: RUF009 - a tuple, which nobody changes

    async def ask(self, requester: Requester, wish: Wish, content_key: str) -> AskResult:
        self._maybe_fail()
        is_new = content_key not in [key for _, _, key in self.asks]
        self.asks.append((requester, wish, content_key))
        return AskResult(request_id="r-5f0c1a2b3c4d", is_new=is_new)

    async def press(self, click: Click) -> bool:
        self._maybe_fail()
        is_new = click.id not in [each.id for each in self.clicks]
        self.clicks.append(click)
        return is_new

    async def preview(self, requester: Requester, wish: Wish) -> Preview:
        self._maybe_fail()
        self.previewed.append(wish)
        plan = some.a_plan()
        plan = replace(plan, keep=wish.keep or plan.keep)
        if self.held:
            await self.held.pop(0).wait()
        return Preview(plan=plan, happens=action_rows()[plan.action].words.happens(plan))

    def offered_vms(self, requester: Requester, typed: str) -> list[VmChoice]:
        self.typed.append((requester.user_id, typed))
        offers = self.offers if self.knows(requester) else ()
        return [one for one in offers if typed in one.name]

    def knows(self, requester: Requester) -> bool:
        return requester.user_id not in self.strangers

    async def look_up(self, requester: Requester) -> None:
        self.looked_up.append(requester.user_id)
        if self.said is not None:
            await self.said.wait()
        self.strangers.discard(requester.user_id)

    def chosen_vm(self, token: str) -> str:
        return f"/subscriptions/s/{token}" if token in [one.token for one in self.offers] else ""

    def phrase(self, wish: Wish) -> str:
        return action_rows()[wish.action].words.phrase(wish)

    def goes_to(self, wish: Wish) -> tuple[str, ...]:
        return ("C01OPS",)

    async def card_link(self, request_id: str) -> str:
        return "https://example.slack.com/archives/C01OPS/p1"

    async def of_button(self, button: str) -> Request | None:
        return some.a_request(State.DONE) if button == "b-0123456789abcdef" else None

    async def withdraw(
        self, requester: Requester, request_id: str, reason: str, content_key: str
    ) -> None:
        self._maybe_fail()
        self.withdrawn.append((requester, request_id, reason, content_key))

    async def find_card(self, requester: Requester, request_id: str) -> CardFound:
        self._maybe_fail()
        place = CardPlace(channel_id="C01OPS", link="https://example.slack.com/archives/C01OPS/p1")
        return CardFound(request=some.a_request(), place=place)

    async def points(self, requester: Requester, vm: str) -> PointsFound:
        self._maybe_fail()
        orphan = ListedPoint.of(some.POINTS[0], standing=PointStatus.ORPHAN)
        return PointsFound(
            points=(orphan,), at=some.NOW, not_read=("The subscription s-2 was not read.",)
        )

    async def requests(self, requester: Requester, asked: ListAsked) -> RequestsFound:
        self._maybe_fail()
        self.listed.append(asked)
        done = some.a_request(State.DONE, id=MADE)
        made = {MADE: some.POINTS}
        return RequestsFound(requests=(some.a_request(), done), points=made, total=57)

    async def what_was_made(
        self, requester: Requester, request_id: str, action: Action
    ) -> MadeFound:
        self._maybe_fail()
        if request_id not in (MADE, some.a_request().id):
            raise PlanRefused(nothing_of(request_id))
        return MadeFound(request=some.a_request(State.DONE), points=some.POINTS)

    def _maybe_fail(self) -> None:
        if self.error is not None:
            raise self.error


def settings_for(slack: SlackStandIn) -> Settings:
    return Settings.model_validate(
        {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
        }
    )


@asynccontextmanager
async def bot_on(slack: SlackStandIn, kept: Kept) -> AsyncIterator[Bot]:
    """Connected in the way that the manifest says."""
    bot = build_bot(settings_for(slack), Adviser(), parse_asked, requests=kept)
    if slack.workspace.app.socket_mode:
        async with over_socket_mode(bot):
            await slack.until(lambda: slack.sockets.count)
            yield bot
    else:
        async with over_http(bot, "127.0.0.1", 0) as port:
            slack.request_url = f"http://127.0.0.1:{port}{PATH}"
            yield bot
