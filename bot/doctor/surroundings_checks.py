"""What is around the bot: the clocks, and the prices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from advisor.errors import InputUnreadable
from advisor.prices.saved import load_book
from advisor.prices.wanted import SHIPPED_IS_GOOD_FOR
from bot.doctor.finding import CheckAnswer, Diagnosis, no, unknown, yes
from bot.doctor.surroundings import Surroundings

#: Slack's signatures hold for 300 s and Azure's tokens by the minute: half of a minute is safe.
CLOCK_DIFFERENCE_SECONDS = 30.0


async def clocks(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether the clocks agree, by the Date of answers that came already."""
    noted = around.clock_differences_seconds
    if not noted:
        return unknown("Neither Slack nor Azure nor the database told its time.")
    return [_clock(who, seconds) for who, seconds in noted.items()]


def _clock(who: str, seconds: float) -> CheckAnswer:
    if abs(seconds) <= CLOCK_DIFFERENCE_SECONDS:
        return CheckAnswer(Diagnosis.YES, f"{who} and this machine differ by {abs(seconds):.0f} s.")
    how = "ahead of" if seconds > 0 else "behind"
    said = f"This machine is {abs(seconds):.0f} s {how} {who}."
    return CheckAnswer(
        Diagnosis.NO, said, "Let both follow a time server (chrony, systemd-timesyncd)."
    )


async def prices(around: Surroundings) -> Sequence[CheckAnswer]:
    """Whether the price book is not older than the shipped one may be."""
    try:
        as_of = load_book().as_of
    except InputUnreadable as error:
        return no(str(error), "Delete the file; `vmbackup prices update` fetches prices anew.")
    return of_age(as_of, datetime.now(UTC).date(), is_offline=around.settings.offline)


def of_age(as_of: str, today: date, *, is_offline: bool) -> Sequence[CheckAnswer]:
    """What the newest day of the book means today."""
    try:
        age = today - date.fromisoformat(as_of)
    except ValueError:
        return unknown("The price book does not say of when it is.")
    if age <= SHIPPED_IS_GOOD_FOR:
        return yes(f"The newest prices are of {as_of}.")
    offline = " VMBACKUP_OFFLINE keeps the bot from fetching newer ones." * is_offline
    to_do = "Run `vmbackup prices update`, or let the bot reach prices.azure.com."
    return no(f"The newest prices are of {as_of}.{offline}", to_do)
