"""The subcommands of `/vmbackup`: one file each, and this table that lists them."""

from __future__ import annotations

from bot.commands.advise import ADVISE
from bot.commands.command import Subcommand
from bot.commands.help import HELP

TABLE: tuple[Subcommand, ...] = (ADVISE, HELP)
