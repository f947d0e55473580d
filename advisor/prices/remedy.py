"""What whoever reads an answer can do about what is missing in it: it differs by the place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from advisor.regions import display_name
from advisor.words import listed

#: Currency -> the regions in which prices in it are lacking.
Lacking = Mapping[str, Sequence[str]]


class Remedies(NamedTuple):
    """The words of one place where answers are read."""

    of_meter: Callable[[str, str], str]  #: a sentence, of a region and a currency; may be empty
    of_plan: Callable[[Lacking], str]  #: a sentence that names every region and currency
    of_reading: str  #: a clause: how what protects a VM is read whole


def update_command(regions: Iterable[str], currency: str) -> str:
    """`vmbackup prices update --region eastus --currency EUR`; USD is the default."""
    named = "".join(f" --region {region}" for region in regions)
    return f"vmbackup prices update{named}{'' if currency == 'USD' else f' --currency {currency}'}"


def _run(region: str, currency: str) -> str:
    return f"Run `vmbackup prices update --region {region} --currency {currency}`."


def _run_all(lacking: Lacking) -> str:
    commands = [f"`{update_command(lacking[currency], currency)}`" for currency in lacking]
    return f"To know the missing prices: {' and '.join(commands)}."


def _nothing(region: str, currency: str) -> str:
    """One sentence of the answer says it for all meters."""
    return ""


def _tell_the_operator(lacking: Lacking) -> str:
    places = [
        f"{listed(display_name(region) for region in lacking[currency])} in {currency}"
        for currency in lacking
    ]
    return (
        f"The bot has no price of some meters of {' and of '.join(places)}. It asks the price "
        "list again by itself; if they stay missing, whoever runs the bot can fetch them."
    )


#: What prints the queries that read what protects a VM.
READ_PROTECTION = "vmbackup inventory query"
IN_THE_TERMINAL = Remedies(_run, _run_all, f"`{READ_PROTECTION}` shows what to read")
#: In Slack, where nobody needs to have a terminal.
BY_THE_OPERATOR = Remedies(
    _nothing, _tell_the_operator, "whoever runs the bot can let it read vaults and snapshots"
)
