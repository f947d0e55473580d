"""What reads and shows the whole fleet, put together."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from advisor.azure.live import LiveInventory
from advisor.cli.advise import live_inventory
from advisor.needs import Tiers
from bot.composition.request_parts import CURRENCY, Connections, new_token
from bot.database.earlier import EarlierStore
from bot.database.fleet_digest import DigestStore
from bot.fleet_service import FleetService
from bot.jobs.fleet_reader import NOT_KEPT, FleetReader
from bot.jobs.known_vms import KnownVms
from bot.jobs.weekly_digest import WeeklyDigest
from bot.metrics import count_azure
from bot.settings import Settings
from bot.slack.audience import Audience
from bot.slack.files import Files

_log = logging.getLogger(__name__)


def fleet_reader_of(
    settings: Settings,
    connections: Connections,
    tiers: Tiers,
    clock: Callable[[], datetime],
    *,
    pages: Path | None = None,
) -> FleetReader:
    """A reader that opens connections of its own for each reading."""

    def inventory() -> LiveInventory:
        return live_inventory(
            settings.subscriptions, settings.management_groups, settings.azure_url, count_azure
        )

    earlier = EarlierStore(connections.database)
    return FleetReader(
        inventory,
        connections.prices,
        tiers,
        clock,
        CURRENCY,
        earlier.all,
        pages=pages,
    )


def own_folder() -> Path | None:
    """For the pages of this process, gone with it; None where no disk may be written to."""
    try:
        folder = Path(mkdtemp(prefix="vmbackup-fleet-"))
    except OSError as error:
        _log.warning(NOT_KEPT, error)
        return None
    atexit.register(rmtree, folder, ignore_errors=True)
    return folder


def fleet_service_of(
    settings: Settings,
    connections: Connections,
    tiers: Tiers,
    audience: Audience,
    clock: Callable[[], datetime],
) -> FleetService:
    """The service behind `/vmbackup fleet`."""
    reader = fleet_reader_of(settings, connections, tiers, clock, pages=own_folder())
    files = Files(connections.client, settings.api_url)
    return FleetService(reader, audience, lambda: _counted(connections.vms), files)


def weekly_digest_of(
    settings: Settings,
    connections: Connections,
    tiers: Tiers,
    clock: Callable[[], datetime],
    may_act: Callable[[], bool],
) -> WeeklyDigest | None:
    """What tells the changes of the fleet once a week; None where no channel is to hear them."""
    rule = connections.rules.fleet_digest
    if rule is None:
        return None
    return WeeklyDigest(
        rule,
        fleet_reader_of(settings, connections, tiers, clock),
        DigestStore(connections.database),
        Audience(connections.people, connections.rules),
        clock,
        new_token,
        may_act,
        settings.sweep_seconds,
    )


def _counted(vms: KnownVms | None) -> int | None:
    names = vms.names() if vms else None
    return None if names is None else len(names)
