"""The ledger of the advice given: who was advised what, to compare with the bill later.

The only SQL of the table `advice_given`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from advisor.bill.ledger import (
    EntryUnreadable,
    LedgerEntry,
    entry_from,
    entry_of,
    entry_to_dict,
)
from advisor.model import Advice, Plan
from advisor.options.flags import flag_value
from bot.database.pool import Database

_log = logging.getLogger(__name__)

_NOW = "SELECT vmbackup_now()"
_INSERT = """
    INSERT INTO advice_given (
        vm_id, currency, options, configuration, monthly_low, monthly_likely, monthly_high,
        missing, prices_as_of, asked_by_team, asked_by_user, channel, estimate
    ) VALUES (
        %(vm_id)s, %(currency)s, %(options)s, %(configuration)s, %(low)s, %(likely)s, %(high)s,
        %(missing)s, %(prices_as_of)s, %(team)s, %(user)s, %(channel)s,
        %(estimate)s
    )
"""
_OF_VM = """
    SELECT id, given_at, vm_id, currency, options, configuration, monthly_low, monthly_likely,
           monthly_high, missing, prices_as_of, asked_by_team, asked_by_user, channel
    FROM advice_given WHERE vm_id = %s ORDER BY given_at DESC, id DESC LIMIT %s
"""
#: An estimate is held against a month while Cost Management answers for it.
_ESTIMATES = """
    SELECT given_at, estimate FROM advice_given
    WHERE estimate IS NOT NULL AND given_at > vmbackup_now() - interval '37 months'
    ORDER BY given_at DESC, id DESC LIMIT %s
"""
_ESTIMATES_AT_MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceGiven:
    """One row: the plan recommended for a VM and its estimated cost a month.

    `options` is empty and the costs are None where no plan was recommended; with a price
    `missing`, `monthly_low` is a floor and the others are None. `configuration` holds, by option,
    the flags of `vmbackup estimate`.
    """

    id: int
    given_at: datetime  #: the database's time
    vm_id: str  #: the ARM id in lower case
    currency: str
    options: list[str]
    configuration: Mapping[str, Mapping[str, Any]]
    monthly_low: Decimal | None
    monthly_likely: Decimal | None
    monthly_high: Decimal | None
    missing: list[str]
    prices_as_of: str
    asked_by_team: str
    asked_by_user: str
    channel: str


class Ledger:
    """Writes and reads the ledger. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, advice: Advice, *, team_id: str, user_id: str, channel_id: str) -> None:
        """Add one row for an advice whose card reached Slack."""
        values = _cost(advice.recommended) | {
            "vm_id": advice.known.vm.key,
            "currency": advice.currency,
            "prices_as_of": advice.prices_as_of,
            "team": team_id,
            "user": user_id,
            "channel": channel_id,
        }
        async with self._database.connection() as connection:
            now = (await (await connection.execute(_NOW)).fetchall())[0][0]
            estimate = Jsonb(entry_to_dict(entry_of(advice, now)))
            await connection.execute(_INSERT, values | {"estimate": estimate})

    async def of_vm(self, vm_id: str, at_most: int = 100) -> list[AdviceGiven]:
        """The rows of one VM, the newest first."""
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=class_row(AdviceGiven)) as cursor,
        ):
            await cursor.execute(_OF_VM, (vm_id.lower(), at_most))
            return await cursor.fetchall()

    async def estimates(self, at_most: int = _ESTIMATES_AT_MOST) -> tuple[LedgerEntry, ...]:
        """What was estimated, the newest first, each with the database's time.

        A row that another version wrote and this one cannot read is left out and logged.
        """
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_ESTIMATES, (at_most,))).fetchall()
        return tuple(_entries(rows))


def _entries(rows: Iterable[tuple[datetime, Any]]) -> Iterator[LedgerEntry]:
    for given_at, document in rows:
        try:
            yield entry_from(document)._replace(given_at=given_at.astimezone(UTC))
        except EntryUnreadable as error:
            _log.warning("An estimate in the ledger cannot be read: %s", error)


def _cost(plan: Plan | None) -> dict[str, Any]:
    if plan is None:
        nothing = {"low": None, "likely": None, "high": None}
        return {"options": [], "configuration": Jsonb({}), "missing": [], **nothing}
    return {
        "options": list(plan.options),
        "configuration": Jsonb(_configuration(plan)),
        "low": plan.monthly.low,
        "likely": plan.monthly.likely,
        "high": plan.monthly.high,
        "missing": list(plan.monthly.missing),
    }


def _configuration(plan: Plan) -> dict[str, dict[str, Any]]:
    """Option -> its flags, as the JSON of an advice has them."""
    return {
        part.option: {key: flag_value(value) for key, value in part.proposal.configuration.items()}
        for part in plan.parts
    }
