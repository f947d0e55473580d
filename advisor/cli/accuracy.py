"""`vmbackup bill --accuracy`: how far the estimates that were given were from the bills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.cli.output import color, json_text, width
from advisor.errors import UsageError

if TYPE_CHECKING:
    from advisor.bill.accuracy import Accuracy, JudgedMonth
    from advisor.bill.months import Month
    from advisor.billing import HeldMonths
    from advisor.present.accuracy_chart import ChartForm


def accuracy_shown(
    month: Month | None,
    subscriptions: tuple[str, ...],
    management_groups: tuple[str, ...],
    as_json: bool,
    chart: Path | None = None,
) -> str:
    """As text or JSON, ending in a newline: of one month, or of all since the first estimate.

    `chart`: a file for the picture beside. Raises UsageError where it cannot be drawn or written.
    """
    import asyncio

    from advisor.bill.accuracy import accuracies
    from advisor.bill.ledger import judged_months
    from advisor.cli.bill import keep_what_was_learned
    from advisor.ledger_file import kept
    from advisor.present.accuracy_document import accuracy_document, accuracy_to_dict
    from advisor.present.as_text import document_text
    from advisor.state_folder import state_directory

    ledger = kept(state_directory())
    months = (month,) if month else judged_months(ledger, datetime.now(UTC).date())
    form = _form(chart)
    judged: tuple[JudgedMonth, ...] = ()
    if ledger and months:
        judged, learned = asyncio.run(_judged(months, subscriptions, management_groups))
        keep_what_was_learned(learned)
    found = accuracies(judged)
    if chart is not None and form is not None:
        _draw(found, chart, form)
    if as_json:
        return f"{json_text(accuracy_to_dict(found, months))}\n"
    document = accuracy_document(found, months, estimates=len(ledger))
    return document_text(document, width=width(), color=color())


def _form(chart: Path | None) -> ChartForm | None:
    """By the name's ending. Raises UsageError for what cannot be drawn, before Azure is asked."""
    if chart is None:
        return None
    from advisor.present.accuracy_chart import FORMS, chart_tools

    form = next((one for one in FORMS if chart.suffix.lower() == f".{one}"), None)
    if form is None:
        raise UsageError(f"{chart.name} is neither .png nor .svg. Name the chart by one of them.")
    chart_tools()
    return form


def _draw(found: Sequence[Accuracy], chart: Path, form: ChartForm) -> None:
    from advisor.present.accuracy_chart import accuracy_chart

    picture = accuracy_chart(found, form)
    try:
        chart.write_bytes(picture)
    except OSError as error:
        raise UsageError(f"{chart} cannot be written: {error.strerror}.") from error


async def _judged(
    months: tuple[Month, ...],
    subscriptions: tuple[str, ...],
    management_groups: tuple[str, ...],
) -> HeldMonths:
    from advisor.cli.bill import live_billing

    async with live_billing(subscriptions, management_groups) as billing:
        return await billing.judged(months)
