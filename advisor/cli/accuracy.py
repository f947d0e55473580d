"""`vmbackup bill --accuracy`: how far the estimates that were given were from the bills."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from advisor.cli.output import color, json_text, width

if TYPE_CHECKING:
    from advisor.bill.accuracy import JudgedMonth
    from advisor.bill.ledger import LedgerEntry
    from advisor.bill.months import Month
    from advisor.billing import HeldMonths

MONTHS_AT_MOST = 12  #: each takes two queries for each subscription


def accuracy_shown(
    month: Month | None,
    subscriptions: tuple[str, ...],
    management_groups: tuple[str, ...],
    as_json: bool,
) -> str:
    """As text or JSON, ending in a newline: of one month, or of all since the first estimate."""
    import asyncio

    from advisor.bill.accuracy import accuracies
    from advisor.cli.bill import keep_what_was_learned
    from advisor.ledger_file import kept
    from advisor.present.accuracy_document import accuracy_document, accuracy_to_dict
    from advisor.present.as_text import document_text
    from advisor.state_folder import state_directory

    ledger = kept(state_directory())
    months = (month,) if month else _months(ledger)
    judged: tuple[JudgedMonth, ...] = ()
    if ledger and months:
        judged, learned = asyncio.run(_judged(months, subscriptions, management_groups))
        keep_what_was_learned(learned)
    found = accuracies(judged)
    if as_json:
        return f"{json_text(accuracy_to_dict(found, months))}\n"
    document = accuracy_document(found, months, estimates=len(ledger))
    return document_text(document, width=width(), color=color())


def _months(ledger: tuple[LedgerEntry, ...]) -> tuple[Month, ...]:
    from advisor.bill.months import final_since

    if not ledger:
        return ()
    first = min(one.given_at for one in ledger).date()
    return final_since(first, datetime.now(UTC).date(), MONTHS_AT_MOST)


async def _judged(
    months: tuple[Month, ...],
    subscriptions: tuple[str, ...],
    management_groups: tuple[str, ...],
) -> HeldMonths:
    from advisor.cli.bill import live_billing

    async with live_billing(subscriptions, management_groups) as billing:
        return await billing.judged(months)
