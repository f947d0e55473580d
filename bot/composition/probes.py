"""What the probes ask, put together: the database's part, and its figures for the metrics."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from functools import partial

from advisor.errors import DatabaseUnreachable, DatabaseUnusable
from bot import metrics
from bot.composition.request_parts import Connections
from bot.database.figures import Figures, figures
from bot.database.schema_state import migrations_missing
from bot.health.health import ProcessHealth
from bot.health.server import Probes
from bot.jobs.current_prices import BotPrices
from bot.requests.states import State

_log = logging.getLogger(__name__)

#: The states of procrastinate's jobs that wait or run; done ones are deleted.
_JOB_STATES = ("todo", "doing", "failed")


def watch(
    health: ProcessHealth, probes: Probes, connections: Connections, prices: BotPrices
) -> None:
    """From now on the probes tell of the database, too, and of the prices of this process."""
    health.part("database", partial(migrations_missing, connections.database))
    probes.refresh = partial(_refresh, connections, prices)


async def _refresh(connections: Connections, prices: BotPrices) -> None:
    """Bring the figures up to date; those of a database that is away stay as they are."""
    try:
        _show(await figures(connections.database))
    except (DatabaseUnreachable, DatabaseUnusable) as error:
        _log.info("The figures of the database are old: %s", error)
    await prices.reread()  # what a person saved meanwhile counts from now on
    try:
        age = datetime.now(UTC).date() - date.fromisoformat(prices.book.as_of)
    except ValueError:
        return
    metrics.PRICES_AGE.set(age / timedelta(seconds=1))


def _show(found: Figures) -> None:
    for state in State:  # also those of which there is none: a series that ends is no zero
        metrics.REQUESTS.labels(str(state)).set(found.requests.get(str(state), 0))
    for name in _JOB_STATES:
        metrics.JOBS.labels(name).set(found.jobs.get(name, 0))
    metrics.OVERDUE.set(found.overdue_seconds)
    metrics.JOB_AGE.set(found.job_age_seconds)
    metrics.UNSENT.set(found.unsent)
    metrics.UNSENT_TRIED_OFTEN.set(found.unsent_tried_often)
    metrics.UNSENT_OVERDUE.set(found.unsent_overdue_seconds)
