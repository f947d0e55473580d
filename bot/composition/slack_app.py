"""The Slack app, made from settings, an adviser and a parser, and run over its transport.

Bolt and Slack's SDK are imported where they are used, so that the terminal never waits for them.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from advisor.errors import SlackRefused
from bot.commands import TABLE
from bot.commands.advising import KeepsAdvice
from bot.commands.billing import Bills
from bot.commands.command import COMMAND, Advises, Parse, Records, Services
from bot.commands.fleets import Fleets
from bot.commands.measuring import Measures
from bot.commands.requesting import Requests
from bot.composition.bills import ChartsBySlack
from bot.database.opening import pause_seconds
from bot.garbage import loaded_modules_frozen
from bot.logs import slack_logger
from bot.loops import running
from bot.metrics import ACKNOWLEDGED, COMMANDS
from bot.settings import Settings
from bot.settings.live_secrets import LiveSecrets, TakesOver
from bot.slack.answers import BAD_TOKEN, OURS
from bot.slack.audience import MEMBERS_ONLY, Audience
from bot.slack.calls import Calls
from bot.slack.files import Files
from bot.slack.inbound.background import BackgroundWork
from bot.slack.inbound.cost_follows import CostFollows, register_costs
from bot.slack.inbound.home_tab import HomeTab, ShowsHome, register_home
from bot.slack.inbound.idle import IdleClock
from bot.slack.inbound.interactions import Interactions, register
from bot.slack.inbound.link import SlackLink
from bot.slack.inbound.list_pages import ListPages, register_pages
from bot.slack.inbound.made_forms import MadeForms, register_made
from bot.slack.inbound.single_instance import SingleInstance
from bot.slack.inbound.slash_commands import SlashCommands
from bot.slack.people import People
from bot.traces import span

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.inbound.modals import Forms
    from bot.slack.inbound.replies import Replies

_log = logging.getLogger(__name__)

_WEB_API_SECONDS = 10
#: What a delivery can be, as a span names it.
_KINDS = frozenset(
    {"command", "block_actions", "block_suggestion", "view_submission", "view_closed"}
    | {"event_callback", "shortcut", "message_action"}
)
#: A broken connection is noticed after this; commands in between are lost (the SDK: 10 s).
_PING_SECONDS = 4


class SlackAway(Exception):
    """Slack does not answer at the start, or says “not now”: the start is tried again."""

    def __init__(self, why: str, retry_after_seconds: float) -> None:
        self.retry_after_seconds = retry_after_seconds  #: 0: Slack named no wait
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Bot:
    """A Bolt app with its background work. `instance` says whether it may act at all."""

    app: AsyncApp
    work: BackgroundWork
    settings: Settings
    instance: SingleInstance
    link: SlackLink = field(default_factory=SlackLink)
    secrets: LiveSecrets | None = None  #: None: the secrets of the settings stay as they are

    @property
    def now(self) -> Settings:
        """The settings with the secrets as they are now."""
        return self.secrets.settings if self.secrets else self.settings

    @contextmanager
    def following(self, takes_over: TakesOver, *names: str) -> Iterator[None]:
        """As `LiveSecrets.following`, where the secrets are read again."""
        if self.secrets is None:
            yield
            return
        with self.secrets.following(takes_over, *names):
            yield


def build_bot(
    settings: Settings,
    advisor: Advises,
    parse: Parse,
    ledger: Records | None = None,
    *,
    audience: Audience | None = None,
    advices: KeepsAdvice | None = None,
    homes: ShowsHome | None = None,
    bills: Bills | None = None,
    measures: Measures | None = None,
    fleets: Fleets | None = None,
    client: AsyncWebClient | None = None,
    requests: Requests | None = None,
    instance: SingleInstance | None = None,
    idle: IdleClock | None = None,
    secrets: LiveSecrets | None = None,
) -> Bot:
    """The app with its handlers, the same for both transports; nothing is connected yet.

    Without a `ledger` no advice is recorded, without `advices` none is stored; without `requests`
    the bot only advises, without `bills`, `fleets`, `measures` and `homes` it has none of these,
    and without an `audience` the members of the workspace may ask.
    """
    from bot.slack.inbound.advice_clicks import AdviceClicks, AdviceDesk, register_advice
    from bot.slack.inbound.modals import Forms, Screens
    from bot.slack.inbound.replies import Replies

    client = client or web_client(settings)
    work = BackgroundWork(idle or IdleClock(time.monotonic))
    replies = Replies(client, settings.api_url, new_id=new_id)
    forms = Forms(requests, Screens(client), new_id=new_id) if requests else None
    audience = audience or Audience(People(Calls(client)), MEMBERS_ONLY)
    charts = ChartsBySlack(Files(client, settings.api_url)) if bills else None
    given = (advisor, parse, TABLE, audience, ledger, requests, forms, advices, bills)
    services = Services(*given, charts=charts, fleets=fleets, measures=measures)
    app = _bolt(client)
    _register(app, SlashCommands(services, work, replies, clock=time.monotonic, new_id=new_id))
    if advices is not None:
        desk = AdviceDesk(advices, audience, Screens(client), replies, work)
        clicks = AdviceClicks(services, desk, new_id=new_id)
        register_advice(app, clicks)
    if homes is not None:
        register_home(app, HomeTab(homes, Calls(client), work, new_id=new_id))
    if requests is not None and forms is not None:
        _register_requests(app, requests, forms, work, replies)
    instance = instance or SingleInstance(shares_database=True)
    return Bot(app, work, settings, instance, secrets=secrets)


def _bolt(client: AsyncWebClient) -> AsyncApp:
    """Bolt without a handler; each delivery is a span, with all that its listener does."""
    from slack_bolt.async_app import AsyncApp

    class TracedApp(AsyncApp):  # type: ignore[misc]  # mypy does not follow slack_bolt
        async def async_dispatch(self, req: Any) -> Any:
            with span(f"slack {_kind(req.body)}", {"vmbackup.command": _known(req.body)}):
                return await super().async_dispatch(req)

    return TracedApp(
        name="vmbackup",
        client=client,
        logger=slack_logger(),
        process_before_response=True,
        # Over HTTP the guard has verified the raw bytes, and Bolt gets a rewritten body.
        request_verification_enabled=False,
    )


async def serve(bot: Bot, address: tuple[str, int] | None, stop: asyncio.Event) -> None:
    """Serve Slack until `stop`: signed HTTP at the address, else over Socket Mode.

    Where Slack does not answer at the start, the bot takes nothing yet and tries again. Raises
    SlackRefused.
    """
    failures = 0
    while not stop.is_set():
        try:
            await _serve_once(bot, address, stop)
            return
        except SlackAway as away:
            seconds = away.retry_after_seconds or pause_seconds(failures)
            failures += 1
            _log.warning("%s The bot is not ready; it tries again in %.0f s.", away, seconds)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await stop.wait()


async def _serve_once(bot: Bot, address: tuple[str, int] | None, stop: asyncio.Event) -> None:
    """Raises SlackRefused, SlackAway."""
    if address is None:
        async with over_socket_mode(bot):
            _log.info("Connected to Slack over Socket Mode.")
            with loaded_modules_frozen():
                await stop.wait()
    else:
        async with over_http(bot, *address) as bound:
            _log.info("Listening for Slack on %s:%d.", address[0], bound)
            with loaded_modules_frozen():
                await stop.wait()


@asynccontextmanager
async def over_socket_mode(bot: Bot) -> AsyncIterator[None]:
    """Connect while the block lasts; at its end take nothing new and wait for the work.

    Raises SlackRefused, SlackAway.
    """
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

    token = bot.now.token_for_socket_mode()
    await _warm(bot)
    address = await _socket_address(bot, token)
    handler = AsyncSocketModeHandler(
        bot.app, token, logger=slack_logger(), ping_interval=_PING_SECONDS
    )
    handler.client.wss_uri = address
    handler.client.proxy = bot.app.client.proxy
    bot.instance.watch(handler.client)

    async def next_connection(settings: Settings) -> None:
        """The connection that is there stays; Slack asks for a new one every few hours."""
        handler.client.app_token = settings.token_for_socket_mode()

    try:
        await handler.connect_async()
        bot.link.follow(handler.client.is_connected)
        with bot.following(next_connection, "app_token"):
            async with running(partial(bot.instance.run, handler.client)):
                yield
    finally:
        bot.link.follow(None)
        await handler.close_async()
        await bot.work.finish()


@asynccontextmanager
async def over_http(bot: Bot, host: str, port: int) -> AsyncIterator[int]:
    """Serve the app over signed HTTP while the block lasts; yields the port.

    Raises SlackRefused, SlackAway.
    """
    from bot.slack.inbound.http_server import serving
    from bot.slack.inbound.signatures import SignatureGuard

    guard = SignatureGuard(
        bot.now.secret_for_http(),
        also=bot.now.other_secret_for_http(),
        now=time.time,
        clock=time.monotonic,
    )

    async def signed(settings: Settings) -> None:
        guard.replace(settings.secret_for_http(), settings.other_secret_for_http())

    await _warm(bot)
    try:
        async with serving(bot.app, guard, host, port) as bound:
            bot.link.follow(bot.link.listens)
            with bot.following(signed, "signing_secret", "other_signing_secret"):
                yield bound
    finally:
        bot.link.follow(None)
        await bot.work.finish()


def new_id() -> str:
    """Eight hexadecimal digits, shown to a person and written to the log."""
    return secrets.token_hex(4)


def _register_requests(
    app: AsyncApp, requests: Requests, forms: Forms, work: BackgroundWork, replies: Replies
) -> None:
    register(app, Interactions(requests, forms, work, replies, new_id=new_id))
    register_made(app, MadeForms(requests, forms, work, replies, new_id=new_id))
    register_costs(app, CostFollows(requests, forms, work))
    register_pages(app, ListPages(requests, work, replies, new_id=new_id))


def _register(app: AsyncApp, commands: SlashCommands) -> None:
    async def on_command(ack: Any, body: dict[str, Any]) -> None:
        began = time.monotonic()
        message = await commands.take(body)
        await (ack(message.as_dict()) if message else ack())
        if body.get("trigger_id"):  # else it is the first one, which the start dispatches
            ACKNOWLEDGED.observe(time.monotonic() - began)
            COMMANDS.labels(_known(body)).inc()

    app.command(COMMAND)(on_command)


def _kind(body: Mapping[str, Any]) -> str:
    """`command`, `block_actions`, `view_submission`, ...: Slack's word, and never typed text."""
    kind = "command" if body.get("command") else str(body.get("type") or "other")
    return kind if kind in _KINDS else "other"


def _known(body: Mapping[str, Any]) -> str:
    """The command's own name, and never what somebody typed instead of one."""
    words = str(body.get("text") or "").split(maxsplit=1)
    named = words[0].lower() if words else "help"
    return named if any(each.name == named for each in TABLE) else "unknown"


def web_client(settings: Settings) -> AsyncWebClient:
    from slack_sdk.web.async_client import AsyncWebClient

    client = AsyncWebClient(
        settings.bot_token.get_secret_value(),
        base_url=settings.api_url,
        timeout=_WEB_API_SECONDS,
        logger=slack_logger(),
    )
    if settings.slack_is_local:
        client.proxy = None  # the SDK takes a proxy from the environment, even for loopback
    return client


async def _warm(bot: Bot) -> None:
    """Ask Slack for the bot's identity, and dispatch a first command, which fills Bolt's cache."""
    from slack_bolt.request.async_request import AsyncBoltRequest

    await _ask(bot, "auth.test", "SLACK_BOT_TOKEN")
    body = {"command": COMMAND, "text": "help", "team_id": "T0", "user_id": "U0"}
    await bot.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))


async def _socket_address(bot: Bot, app_token: str) -> str:
    body = await _ask(bot, "apps.connections.open", "SLACK_APP_TOKEN", app_token)
    return str(body["url"])


async def _ask(bot: Bot, method: str, variable: str, token: str | None = None) -> Mapping[str, Any]:
    """Slack's answer at the start. `variable` names the token in the environment.

    Only what Slack says of the token or the app ends the bot. Raises SlackRefused, SlackAway.
    """
    answer = await Calls(bot.app.client, token=token).read(method)
    if answer.done:
        return answer.body
    if answer.error in BAD_TOKEN:
        raise SlackRefused(
            f"Slack refused {variable}: {answer.error}. Copy the token anew from the app's "
            "settings."
        )
    if answer.error in OURS:
        raise SlackRefused(
            f"Slack refuses the app of {variable}: {answer.error}. Compare its scopes with the "
            "manifest and install it again, or ask who administers the workspace."
        )
    raise SlackAway(
        f"Slack at {bot.settings.api_url} does not take the bot now ({method}: {answer.why}).",
        answer.retry_after_seconds,
    )


def stop_on_signals() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    with suppress(NotImplementedError):  # Windows has no signal handlers in asyncio
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stop.set)
    return stop
