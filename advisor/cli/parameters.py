"""The flags of `advise`, for the terminal and for Slack, and those that `estimate` shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import click

from advisor.asked import AdviceAsked
from advisor.cli.group import sentence_of
from advisor.errors import UsageError
from advisor.model import Consistency, Event
from advisor.quantities import (
    Churn,
    parse_amount,
    parse_budget,
    parse_churn,
    parse_duration,
    parse_rate_mb_per_s,
    parse_retention,
    parse_size_gib,
)
from advisor.regions import REGIONS, parse_region, parse_target

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

#: The currencies the Retail Prices API converts to (azure-retail-prices, supported currencies).
CURRENCIES = (
    *("USD", "AUD", "BRL", "CAD", "CHF", "CNY", "DKK", "EUR", "GBP"),
    *("INR", "JPY", "KRW", "NOK", "NZD", "RUB", "SEK", "TWD"),
)

#: The highest LUN of a data disk: a VM takes 64 (virtual-machines-linux-azure-vms-no-temp-disk;
#: sizes, 2025: Max data disks), counted from 0.
MOST_LUN = 63

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])
_COMMA_LIST = ", ".join(CURRENCIES)


class Quantity(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.4
    """A flag's value read by one of advisor.quantities; its sentence becomes the flag's error.

    `words` are those that the shell may complete it to.
    """

    def __init__(self, name: str, parse: Callable[[str], Any], words: Iterable[str] = ()) -> None:
        self.name = name
        self.parse = parse
        self.words = words

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        begun = incomplete.lower()
        return [CompletionItem(word) for word in self.words if word.lower().startswith(begun)]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self.parse(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)


def parse_currency(text: str) -> str:
    """`eur` -> EUR. Raises UsageError."""
    code = text.strip().upper()
    if code not in CURRENCIES:
        raise UsageError(f"“{text}” is not a currency of the price list. It has {_COMMA_LIST}.")
    return code


AMOUNT = Quantity("amount", parse_amount)
BUDGET = Quantity("amount", parse_budget)
DURATION = Quantity("duration", parse_duration)
SIZE = Quantity("size", parse_size_gib)
CHURN = Quantity("share|size", parse_churn)
RATE = Quantity("rate", parse_rate_mb_per_s)
RETENTION = Quantity("retention", parse_retention)
REGION = Quantity("region", parse_region, REGIONS)
TARGET = Quantity("region|zone:n", parse_target, REGIONS)
CURRENCY = Quantity("code", parse_currency, CURRENCIES)

#: The sizes of a VM and the currency, asked alike by `advise` and `estimate`.
SIZE_OPTIONS = (
    click.option(
        "--churn",
        "churn",
        type=CHURN,
        help="What changes a day, as a share of the used data or as a size: 2%, 10GB.",
    ),
    click.option(
        "--written", "written_gib_per_day", type=SIZE, help="Data written to the disks a day: 80GB."
    ),
    click.option(
        "--peak-write",
        "peak_write_mb_per_s",
        type=RATE,
        help="The highest rate of writes: 12MB/s.",
    ),
)
CURRENCY_OPTION = click.option(
    "--currency",
    type=CURRENCY,
    default="USD",
    show_default=True,
    help="Of the prices, as in the Retail Prices API.",
)
OFFLINE_OPTION = click.option(
    "--offline",
    is_flag=True,
    help="Do not ask Azure's price list; use the prices that are here.",
)
NEED_OPTIONS = (
    click.argument("vm", metavar="VM"),
    click.option("--rpo", type=DURATION, help="How much may be lost at most: 4h."),
    click.option("--rto", type=DURATION, help="How soon it must run again: 1h."),
    click.option(
        "--survive",
        multiple=True,
        type=click.Choice([event.value for event in Event], case_sensitive=False),
        help="What must be survived, and nothing else. May be given several times.",
    ),
    click.option("--region-rpo", type=DURATION, help="The same for the loss of a region: 36h."),
    click.option("--region-rto", type=DURATION, help="The same for the loss of a region: 24h."),
    click.option("--keep", type=RETENTION, help="Points kept: daily=30,weekly=12,monthly=12."),
    click.option(
        "--isolated/--no-isolated",
        default=None,
        help="Whether points must be safe from whoever can delete the VM.",
    ),
    click.option(
        "--consistency",
        type=click.Choice([level.label for level in Consistency], case_sensitive=False),
        help="The least that a point must be.",
    ),
    click.option("--used", "used_gib", type=SIZE, help="Data on all disks of the VM: 47GB."),
    *SIZE_OPTIONS,
    click.option(
        "--leave-out",
        type=click.IntRange(0, MOST_LUN),
        multiple=True,
        metavar="LUN",
        help="A data disk that needs no protection, by its LUN. May be given several times.",
    ),
    click.option("--to", type=TARGET, help="Where to replicate or copy: norwayeast, zone:2."),
    CURRENCY_OPTION,
)


def with_options(*options: Callable[[Any], Any]) -> Callable[[_Decorated], _Decorated]:
    """One decorator of several click options, in the order in which --help lists them."""

    def decorate(command: _Decorated) -> _Decorated:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


advise_options = with_options(*NEED_OPTIONS)


def asked_from(values: Mapping[str, Any]) -> AdviceAsked:
    """The flags as click read them. Raises UsageError where two of them contradict."""
    vm = _named(values["vm"])
    survive = tuple(dict.fromkeys(Event(name) for name in values["survive"]))
    _refuse_contradictions(values, survive)
    consistency = values["consistency"]
    said = {
        **{key: value for key, value in values.items() if key != "churn"},
        **churn_of(values),
        "vm": vm,
        "survive": survive,
        "consistency": None if consistency is None else Consistency.of(consistency),
    }
    return AdviceAsked(**said)


def churn_of(values: Mapping[str, Any]) -> dict[str, Decimal | None]:
    """`--churn` as click read it, by the attributes of what was asked."""
    said = values["churn"] or Churn(None, None)
    return {"churn_share_per_day": said.share, "changed_gib_per_day": said.gib}


def parse_asked(args: Sequence[str]) -> AdviceAsked:
    """The words after `advise` in Slack -> what was asked.

    Raises UsageError with one sentence; prints nothing and never exits.
    """
    if len(args) == 1 and not args[0].startswith("-"):
        # Most commands are a name alone, and click takes longer for its fourteen flags than
        # all the rest of an acknowledgement does.
        return AdviceAsked(vm=_named(args[0]))
    try:
        with _SLACK.make_context("advise", list(args)) as context:
            return asked_from(context.params)
    except click.ClickException as error:
        raise UsageError(sentence_of(error)) from error


def _named(vm: str) -> str:
    if not vm.strip():
        raise UsageError("Name a VM, like web-01, rg/web-01 or its full id.")
    return vm.strip()


def _refuse_contradictions(values: Mapping[str, Any], survive: tuple[Event, ...]) -> None:
    if survive and Event.REGION not in survive:
        for flag in ("region_rpo", "region_rto"):
            if values[flag] is not None:
                raise UsageError(
                    f"--{flag.replace('_', '-')} is about losing a region. "
                    "Add --survive region, or leave it out."
                )


@click.command("advise", add_help_option=False)
@advise_options
def _SLACK(**_values: Any) -> None:  # noqa: N802
    """Never run: only its parameters are read."""
