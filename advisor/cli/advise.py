"""`vmbackup advise`: one VM, from files that az wrote or from Azure itself."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from advisor.asked import AdviceAsked
from advisor.azure_address import azure_address, is_played
from advisor.cli.group import LeafCommand
from advisor.cli.output import (
    color,
    complain_if_missing,
    json_text,
    output_format,
    say,
    say_unread,
    width,
)
from advisor.cli.parameters import OFFLINE_OPTION, advise_options, asked_from, with_options
from advisor.errors import UsageError
from advisor.model import Advice, Verdict
from advisor.needs import SETTINGS_FILE, Tiers
from advisor.present.decision_words import undecided

if TYPE_CHECKING:
    from advisor.advising import Advisor
    from advisor.azure.connection import Around, Observe
    from advisor.azure.live import LiveInventory
    from advisor.prices.book import Book
    from advisor.prices.wanted import WantedPrices

SETTINGS_OPTION = click.option(
    "--settings",
    type=click.Path(),
    metavar="FILE",
    help=f"Where your own tiers stand. Default: {SETTINGS_FILE} where there is one.",
)
#: Which part of Azure is read.
AZURE_OPTIONS = (
    click.option(
        "--subscription",
        "subscriptions",
        multiple=True,
        metavar="ID",
        help="Read only this subscription of Azure. May be given several times.",
    ),
    click.option(
        "--management-group",
        "management_groups",
        multiple=True,
        metavar="ID",
        help="Read only this management group of Azure. May be given several times.",
    ),
)
#: Where VMs are read from: files, or a part of Azure.
SOURCE_OPTIONS = (
    click.option(
        "--inventory",
        "files",
        multiple=True,
        type=click.Path(allow_dash=True),
        metavar="FILE",
        help="A file of az or PowerShell, once for each; - for standard input. Else: read Azure.",
    ),
    *AZURE_OPTIONS,
)
READING_OPTIONS = (
    *SOURCE_OPTIONS,
    SETTINGS_OPTION,
    OFFLINE_OPTION,
    click.option("--strict", is_flag=True, help="Exit 6 when a price or a fact is missing."),
    click.option("--json", is_flag=True, help="For programs."),
    click.option("--markdown", is_flag=True, help="For a ticket or a wiki."),
)
DETAILS_OPTION = click.option(
    "--details", is_flag=True, help="Everything: every option, the bill, the reasons, the sizes."
)


@click.command(cls=LeafCommand)
@advise_options
@with_options(*READING_OPTIONS, DETAILS_OPTION)
def advise(
    files: tuple[str, ...],
    subscriptions: tuple[str, ...],
    management_groups: tuple[str, ...],
    settings: str | None,
    offline: bool,
    strict: bool,
    json: bool,
    markdown: bool,
    details: bool,
    **flags: Any,
) -> int:
    """What can protect VM, what each way costs a month, and which one to take.

    VM is web-01, group/web-01 or a full id.
    """
    form = output_format(json, markdown)
    asked = asked_from(flags)
    tiers = read_tiers(settings)
    if files:
        refuse_with_files(subscriptions, management_groups)
        advice = _from_files(asked, tiers, files, offline, settings)
    else:
        import asyncio

        where = subscriptions, management_groups
        advice = asyncio.run(_from_azure(asked, tiers, where, offline, settings))
    _keep(advice)
    click.echo(_shown(advice, form, details).rstrip("\n"))
    return complain_if_missing(strict, missing_of(advice))


def _keep(advice: Advice) -> None:
    """Into the ledger; an advice that cannot be kept is given all the same, and that is said."""
    from advisor.ledger_file import LEDGER_VARIABLE, is_kept, keep

    if not is_kept():
        return
    from advisor.bill.ledger import entry_of
    from advisor.state_folder import STATE_DIR_VARIABLE, state_directory

    try:
        keep(state_directory(), entry_of(advice, datetime.now(UTC)))
    except OSError as error:
        say(
            f"The estimate was not kept for later: {error.strerror}. Name a folder that can be "
            f"written in {STATE_DIR_VARIABLE}, or set {LEDGER_VARIABLE}=0."
        )


def read_tiers(settings: str | None) -> Tiers:
    """The tiers of the settings file, else the shipped ones. Raises SettingsUnreadable."""
    if settings is None and not Path(SETTINGS_FILE).exists():
        return Tiers()
    from advisor.tiers_file import load_tiers

    return load_tiers(Path(settings or SETTINGS_FILE))


def missing_of(advice: Advice) -> Iterator[str]:
    """What --strict refuses: what was not read or decided, and every price that is lacking.

    A configuration that the VM may not use is not compared; its prices may be missing.
    """
    yield from advice.not_read
    yield from undecided(advice)
    said: dict[str, None] = {}
    for assessment in advice.assessments:
        if assessment.verdict is not Verdict.NO:
            said |= dict.fromkeys(assessment.monthly.missing)
    yield from said


def refuse_with_files(subscriptions: Sequence[str], management_groups: Sequence[str]) -> None:
    for flag, given in (("subscription", subscriptions), ("management-group", management_groups)):
        if given:
            raise UsageError(f"--{flag} is about reading Azure. Leave it out with --inventory.")


def _from_files(
    asked: AdviceAsked, tiers: Tiers, files: Sequence[str], offline: bool, settings: str | None
) -> Advice:
    from advisor.advising import advise_priced
    from advisor.cli.current_prices import TerminalPrices
    from advisor.earlier import NOTHING_EARLIER, with_earlier
    from advisor.earlier_files import earlier_of
    from advisor.inventory.exports import parse_exports
    from advisor.inventory.files import guesses, read_files
    from advisor.prices.pricing import Pricer
    from advisor.prices.wanted import wanted_of
    from advisor.state_folder import state_directory

    now = datetime.now(UTC)
    texts = read_files(files, sys.stdin.buffer)
    for guess in guesses(texts):
        say(guess)
    known = parse_exports(texts, now).find(asked.vm)
    before = earlier_of(state_directory(), say_unread).get(known.vm.key, NOTHING_EARLIER)
    known = with_earlier(known, before, now)

    def work(book: Book) -> tuple[Advice, WantedPrices]:
        pricer = Pricer(book, asked.currency, now.date())
        return advise_priced(known, asked, tiers, pricer, now), wanted_of(pricer, now.date())

    return TerminalPrices(offline, settings).answer(work, now)


async def _from_azure(
    asked: AdviceAsked,
    tiers: Tiers,
    where: tuple[Sequence[str], Sequence[str]],
    offline: bool,
    settings: str | None,
) -> Advice:
    async with live_advisor(tiers, *where, offline=offline, settings=settings) as advisor:
        return await advisor.advise(asked)


@asynccontextmanager
async def live_advisor(
    tiers: Tiers,
    subscriptions: Sequence[str],
    management_groups: Sequence[str],
    local_azure: str = "",
    *,
    offline: bool = False,
    settings: str | None = None,
) -> AsyncIterator[Advisor]:
    """An adviser that reads Azure with azure-identity's default chain, while the block lasts.

    `offline`: the price list is not asked. `local_azure`: the address of an Azure played on this
    machine; it may be plain HTTP. `settings`: the file whose discounts count.
    """
    from advisor.advising import Advisor
    from advisor.cli.current_prices import TerminalPrices
    from advisor.earlier import FinderWithEarlier
    from advisor.earlier_files import EarlierOfFiles
    from advisor.state_folder import state_directory

    async with live_inventory(subscriptions, management_groups, local_azure) as inventory:
        finder = FinderWithEarlier(inventory, EarlierOfFiles(state_directory(), say_unread))
        yield Advisor(finder, tiers, TerminalPrices(offline, settings), lambda: datetime.now(UTC))


def live_inventory(
    subscriptions: Sequence[str],
    management_groups: Sequence[str],
    address: str = "",
    observe: Observe | None = None,
    around: Around | None = None,
) -> LiveInventory:
    """Azure read with azure-identity's default chain; an async context manager.

    `address`: of another cloud's Resource Manager, or of an Azure played on this machine, which
    alone may be plain HTTP; else that of the environment.
    `observe` is told of each request, `around` is around each. Raises SettingsUnreadable.
    """
    from advisor.azure.live import LiveInventory

    found = address or azure_address()
    return LiveInventory(
        subscriptions,
        management_groups,
        base_url=found,
        allow_plain_http=is_played(found),
        observe=observe,
        around=around,
    )


def _shown(advice: Advice, form: str, details: bool) -> str:
    if form == "json":
        from advisor.present.as_json import advice_to_dict

        return json_text(advice_to_dict(advice, details))
    if form == "markdown":
        from advisor.present.as_markdown import advice_markdown

        return advice_markdown(advice, details=details)
    from advisor.present.as_text import advice_text

    return advice_text(advice, width=width(), color=color(), details=details)
