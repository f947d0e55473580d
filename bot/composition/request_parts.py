"""The parts that listeners and workers of requests need, put together.

`bot.composition.command` opens the connections; this file makes the services that use them.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from advisor.azure.live import LiveInventory
from advisor.earlier import FinderWithEarlier
from advisor.prices.pricing import Pricer
from advisor.prices.source import PriceSource
from bot.actions.delete.wish import deletion
from bot.advice_service import AdviceService
from bot.azure.connection import AzureActs
from bot.composition.actions import action_rows, steps_of
from bot.database.earlier import EarlierStore
from bot.database.outbox import Outbox
from bot.database.pool import Database
from bot.database.store import Store
from bot.database.stored_advice import AdviceStore
from bot.home_service import HomeService
from bot.jobs.enqueue import JobWakes
from bot.jobs.grouped import Grouped
from bot.jobs.known_vms import KnownVms
from bot.jobs.queue import always, no_beat
from bot.known_at_once import KnownAtOnce
from bot.messages.blocks import Message
from bot.messages.request_card import request_card
from bot.request_service import RequestService
from bot.requests.approval.rules import RequestRules
from bot.requests.plans.bounds import Bounds
from bot.slack.calls import Calls
from bot.slack.delivery import Delivery
from bot.slack.files import Files
from bot.slack.outbox import Render, Sender
from bot.slack.people import People
from bot.slack.permalinks import Permalinks
from bot.vm_choices import VmChoices
from bot.workflow.acting import ActsByVerb
from bot.workflow.card_facts import card_facts
from bot.workflow.find_card import CardFinder
from bot.workflow.ledger_look import LedgerComparison
from bot.workflow.planner import Planner
from bot.workflow.plans import PlansFromLedger
from bot.workflow.ports import Ports, ReadsPeople, WorkflowPace
from bot.workflow.sources import SourcesInAzure
from bot.workflow.workflow import Workflow

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

CURRENCY = "USD"


def new_token() -> str:
    """A token that nobody can guess: the value of a button, or a lease."""
    return secrets.token_urlsafe(18)


def new_request_id() -> str:
    """`r-` and twelve hexadecimal digits: no two installations share an id."""
    return f"r-{secrets.token_hex(6)}"


def new_error_id() -> str:
    """An id that is short enough to read out."""
    return secrets.token_hex(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """The open connections: database, Azure (to read), Slack; and what the start has read."""

    database: Database
    inventory: LiveInventory
    prices: PriceSource
    client: AsyncWebClient
    rules: RequestRules
    people: People  #: one for all, so that Slack is asked once a minute at most
    vms: KnownVms | None = None  #: the names of the VMs, remembered; None: never known

    @property
    def store(self) -> Store:
        return Store(self.database, JobWakes(), action_rows())

    @property
    def planner(self) -> Planner:
        finder = FinderWithEarlier(self.inventory, EarlierStore(self.database))
        return Planner(finder, self.prices, bounds_of(self.rules), action_rows(), CURRENCY)


def people_of(client: AsyncWebClient, clock: Callable[[], float] = time.monotonic) -> People:
    """Readings of people, groups and channels from Slack."""
    return People(Calls(client), clock=clock)


def vms_of(azure: LiveInventory, every_seconds: float) -> KnownVms:
    """The memory of the names of all VMs; the listener keeps it new."""
    return KnownVms(azure.names, every_seconds, time.monotonic)


def bounds_of(rules: RequestRules) -> Bounds:
    """The bounds of retention, from the settings."""
    bounds = Bounds(rules.default_keep, rules.shortest_keep, rules.longest_keep)
    if rules.break_glass is None:
        return bounds
    return bounds._replace(break_glass_keep=rules.break_glass.keep_at_most)


def request_service_of(connections: Connections, check: Callable[[], None]) -> RequestService:
    """The service behind commands and buttons. `check` raises where the bot may not act."""

    def pricer(now: datetime) -> Pricer:
        return Pricer(connections.prices.book, CURRENCY, now.date())

    store = connections.store
    names = connections.vms.names if connections.vms else _not_known
    return RequestService(
        store=store,
        grouped=Grouped(store),
        planner=connections.planner,
        people=connections.people,
        made=connections.inventory,
        rules=connections.rules,
        actions=action_rows(),
        pricer=pricer,
        check=check,
        new_request_id=new_request_id,
        known=KnownAtOnce(
            store=store,
            people=connections.people,
            rules=connections.rules,
            actions=action_rows(),
            bounds=connections.planner.bounds,
            names=names,
        ),
        choices=VmChoices(people=connections.people, rules=connections.rules, names=names),
        new_token=new_token,
        cards=finder_of(connections),
    )


def _not_known() -> None:
    """No names of VMs are remembered."""


def new_advice_id() -> str:
    """`a-` and twelve hexadecimal digits: an id that nobody guesses."""
    return f"a-{secrets.token_hex(6)}"


def advice_service_of(connections: Connections, clock: Callable[[], datetime]) -> AdviceService:
    """The service behind the buttons of an advice."""
    return AdviceService(
        store=AdviceStore(connections.database),
        inventory=connections.inventory,
        book=lambda: connections.prices.book,
        clock=clock,
        new_advice_id=new_advice_id,
    )


def home_service_of(connections: Connections) -> HomeService:
    """The service behind the App Home."""
    return HomeService(store=connections.store, people=connections.people, rules=connections.rules)


def finder_of(connections: Connections) -> CardFinder:
    """What finds cards, and has those posted anew that are gone."""
    return CardFinder(store=connections.store, messages=Permalinks(Calls(connections.client)))


def workflow_of(
    connections: Connections,
    azure: AzureActs,
    pace: WorkflowPace,
    may_act: Callable[[], bool] = always,
) -> Workflow:
    """The workflow that workers run."""
    return Workflow(replace(ports_of(connections, azure, pace), may_act=may_act))


def comparison_of(connections: Connections, azure: AzureActs) -> LedgerComparison:
    """The comparison of the ledger with Azure."""
    return LedgerComparison(
        store=connections.store,
        acts=ActsByVerb(azure),
        made=connections.inventory.asking_once(),
    )


def ports_of(connections: Connections, azure: AzureActs, pace: WorkflowPace) -> Ports:
    """The ports of the workflow."""
    store = connections.store
    # A worker waits for Azure in the database, where a death does not shorten it.
    once = replace(connections, inventory=connections.inventory.asking_once())
    return Ports(
        store=store,
        plans=PlansFromLedger(once.planner, store, connections.rules.tags_count_for),
        people=connections.people,
        acts=ActsByVerb(azure),
        sources=SourcesInAzure(azure),
        rules=connections.rules,
        steps_of=steps_of,
        deletion=deletion,
        cards=finder_of(connections),
        new_token=new_token,
        new_request_id=new_request_id,
        new_error_id=new_error_id,
        pace=pace,
    )


def sender_of(connections: Connections, beat: Callable[[], None] = no_beat) -> Sender:
    """The sender that brings the outbox to Slack; `beat` is told that it goes round."""
    return Sender(
        Outbox(connections.database),
        Delivery(
            Calls(connections.client),
            files=Files(connections.client, connections.client.base_url),
        ),
        render_of(connections.store, connections.rules, connections.people),
        new_token=new_token,
        is_member=connections.people.is_member,
        beat=beat,
    )


def render_of(store: Store, rules: RequestRules, people: ReadsPeople) -> Render:
    """A function that makes the card of a request from what is stored when it is sent."""

    async def render(request_id: str) -> Message | None:
        request = await store.get(request_id)
        if request is None:
            return None
        approvals = await store.approvals(request_id, request.revision)
        return request_card(
            request,
            approvals,
            await store.steps(request_id),
            await card_facts(store, people, request, approvals, rules),
            await store.points(request_id=request_id),
        )

    return render
