"""`vmbackup doctor`: asks whether all is right that the bot needs, and says what to do."""

from __future__ import annotations

import logging

import click

from advisor.cli.advise import SETTINGS_OPTION
from advisor.cli.group import LeafCommand
from advisor.cli.output import json_text, printable, width
from advisor.errors import NotReady

#: As in `bot.composition.command`, which this must not load for its help.
_PARTS = ("listener", "worker")


@click.command(cls=LeafCommand)
@click.option("--http", is_flag=True, help="The bot is served over HTTP, not over Socket Mode.")
@click.option("--only", type=click.Choice(_PARTS), help="Examine only what this part needs.")
@SETTINGS_OPTION
@click.option("--json", is_flag=True, help="For programs.")
def doctor(http: bool, only: str | None, settings: str | None, json: bool) -> None:
    """Ask whether all that the bot needs is right, and say what to do; nothing is changed.

    It reads the same environment and file as vmbackup bot. A no marked “warn” keeps nothing from
    working. The exit code is 7 where anything else is wrong or cannot be asked.
    """
    import asyncio

    from bot.composition.command import loop_for_psycopg
    from bot.composition.doctor import Asked, examined
    from bot.composition.process import ProcessPart
    from bot.doctor.report import as_document, as_text, sentence

    logging.disable(logging.CRITICAL)  # what went wrong stands in the table
    asked = Asked(settings, http, ProcessPart(only) if only else None)
    with asyncio.Runner(loop_factory=loop_for_psycopg()) as runner:
        found, secrets = runner.run(examined(asked))
    if json:
        click.echo(json_text(as_document(found, secrets)))
    else:
        click.echo(printable(as_text(found, secrets, width())))
    if found.wrong:
        raise NotReady(f"{sentence(found)} Mend the first one, and ask again.")
