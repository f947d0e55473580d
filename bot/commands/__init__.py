"""The subcommands of `/vmbackup`, and the table that lists them."""

from __future__ import annotations

from bot.commands.advice import ADVICE
from bot.commands.advise import ADVISE
from bot.commands.bill import BILL
from bot.commands.changing import CHANGING
from bot.commands.command import Subcommand
from bot.commands.fleet import FLEET
from bot.commands.help import HELP
from bot.commands.lists import REQUESTS, SNAPSHOTS
from bot.commands.measure import MEASURE
from bot.commands.of_request import OF_REQUEST
from bot.commands.snapshot import SNAPSHOT

TABLE: tuple[Subcommand, ...] = (
    ADVISE,
    ADVICE,
    BILL,
    MEASURE,
    FLEET,
    SNAPSHOT,
    SNAPSHOTS,
    REQUESTS,
    *CHANGING,
    *OF_REQUEST,
    HELP,
)
