"""`vmbackup estimate`: one option, in one configuration, for a VM that does not exist yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from advisor.asked import EstimateAsked
from advisor.cli.disk_flag import FORM, parse_disk
from advisor.cli.group import LeafCommand
from advisor.cli.output import color, complain_if_missing, json_text, output_format, width
from advisor.cli.parameters import (
    CURRENCY_OPTION,
    OFFLINE_OPTION,
    REGION,
    SIZE_OPTIONS,
    Quantity,
    churn_of,
    with_options,
)
from advisor.errors import UsageError
from advisor.model import Estimated
from advisor.options import BY_NAME, OPTIONS
from advisor.options.flags import Flag, Measured, OneOf, Switch, WholeNumber
from advisor.options.row import Option
from advisor.words import listed

if TYPE_CHECKING:
    from advisor.prices.book import Book
    from advisor.prices.wanted import WantedPrices


def _every_flag() -> dict[str, Flag]:
    """Each flag once, in the order of the options: what several of them have is one flag."""
    return {flag.key: flag for option in OPTIONS for flag in option.flags}


def _click_option(flag: Flag) -> Any:
    """A flag of some options only; its help begins with theirs, and ends with its defaults."""
    defaults = {
        option.name: own.default
        for option in OPTIONS
        for own in option.flags
        if own.key == flag.key
    }
    said = f"[{', '.join(defaults)}] {flag.help}{_default_words(defaults)}"
    return click.option(flag.spelled, flag.key, help=said, **_takes(flag))


def _default_words(defaults: Mapping[str, str]) -> str:
    """` Default: 24h.`; where options differ, which has which."""
    said = {name: default for name, default in defaults.items() if default}
    if not said:
        return ""
    if len(set(defaults.values())) == 1:
        return f" Default: {next(iter(said.values()))}."
    return f" Default: {listed(f'{default} ({name})' for name, default in said.items())}."


def _takes(flag: Flag) -> dict[str, Any]:
    match flag.takes:
        case OneOf(words):
            return {"type": click.Choice(words, case_sensitive=False)}
        case WholeNumber(least, most):
            return {"type": click.IntRange(least, most), "metavar": "N"}
        case Measured(kind, parse):
            return {"type": Quantity(kind, parse)}
        case Switch():
            return {"is_flag": True}


NAMES = [option.name for option in OPTIONS]
ESTIMATE_OPTIONS = (
    click.argument("option", type=click.Choice(NAMES, case_sensitive=False)),
    click.option("--region", type=REGION, required=True, help="Where the VM is: westeurope."),
    click.option(
        "--disk",
        "disks",
        type=Quantity("disk", parse_disk),
        metavar=FORM,
        multiple=True,
        required=True,
        help=(
            "A disk, once for each; the first is the OS disk: Premium_LRS:128:40. What is used is"
            " assumed where it is not said. UltraSSD_LRS and PremiumV2_LRS take IOPS and MB/s, in"
            " any order: UltraSSD_LRS:1024:400:5000iops:200mbps."
        ),
    ),
    click.option(
        "--os",
        "os_type",
        type=click.Choice(["windows", "linux"], case_sensitive=False),
        help="The operating system. Default: either, so more is assumed.",
    ),
    click.option(
        "--size",
        metavar="NAME",
        help="The VM's size, for its cores and its processor: Standard_D4s_v5.",
    ),
    *SIZE_OPTIONS,
    *map(_click_option, _every_flag().values()),
    CURRENCY_OPTION,
    OFFLINE_OPTION,
    click.option("--strict", is_flag=True, help="Exit 6 when a price is missing."),
    click.option("--json", is_flag=True, help="For programs."),
    click.option("--markdown", is_flag=True, help="For a ticket or a wiki."),
)


HELP = f"""What one OPTION costs a month, for a VM that does not exist yet.

OPTION is {listed(NAMES, "or")}. A flag that begins with an option's name in brackets belongs to
that option only.
"""


@click.command(cls=LeafCommand, help=HELP)
@with_options(*ESTIMATE_OPTIONS)
def estimate(offline: bool, strict: bool, json: bool, markdown: bool, **flags: Any) -> int:
    form = output_format(json, markdown)
    asked = estimate_asked_from(flags)
    estimated = _worked_out(asked, offline)
    click.echo(_shown(estimated, form).rstrip("\n"))
    return complain_if_missing(strict, estimated.assessment.monthly.missing)


def _worked_out(asked: EstimateAsked, offline: bool) -> Estimated:
    from advisor.advising import estimate_priced
    from advisor.cli.current_prices import TerminalPrices
    from advisor.prices.pricing import Pricer
    from advisor.prices.wanted import wanted_of

    now = datetime.now(UTC)

    def work(book: Book) -> tuple[Estimated, WantedPrices]:
        pricer = Pricer(book, asked.currency, now.date())
        return estimate_priced(asked, pricer), wanted_of(pricer, now.date())

    return TerminalPrices(offline).answer(work, now)


def estimate_asked_from(flags: Mapping[str, Any]) -> EstimateAsked:
    """The flags as click read them. Raises UsageError for one of another option."""
    option = BY_NAME[flags["option"]]
    said = {key: flags[key] for key in _every_flag() if _given(flags[key])}
    own = {flag.key: flag for flag in option.flags}
    for key in said:
        if key not in own:
            raise UsageError(_not_a_flag_of(option, key))
    os_type = flags["os_type"]
    return EstimateAsked(
        option=option.name,
        region=flags["region"],
        disks=flags["disks"],
        **churn_of(flags),
        written_gib_per_day=flags["written_gib_per_day"],
        peak_write_mb_per_s=flags["peak_write_mb_per_s"],
        os_type=os_type.capitalize() if os_type else None,
        size=_known_size(flags["size"]),
        said={key: own[key].written(value) for key, value in said.items()},
        currency=flags["currency"],
    )


def _known_size(name: str | None) -> str | None:
    """The name of a size that tells its cores. Raises UsageError."""
    from advisor.options.vm_size import vm_size

    if name is not None and vm_size(name) is None:
        raise UsageError(f"“{name}” is not a size of a VM. Write it like Standard_D4s_v5.")
    return name


def _given(value: Any) -> bool:
    return value is not None and value is not False


def _not_a_flag_of(option: Option[Any], key: str) -> str:
    own = ", ".join(flag.spelled for flag in option.flags)
    return f"{_every_flag()[key].spelled} does not belong to {option.name}. Its flags are {own}."


def _shown(estimated: Estimated, form: str) -> str:
    if form == "json":
        from advisor.present.as_json import estimated_to_dict

        return json_text(estimated_to_dict(estimated))
    if form == "markdown":
        from advisor.present.as_markdown import estimated_markdown

        return estimated_markdown(estimated)
    from advisor.present.as_text import estimated_text

    return estimated_text(estimated, width=width(), color=color())
