"""The frame of the command line: commands imported when they are run, errors as one sentence."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

import click

from advisor.cli.output import say
from advisor.errors import EXIT_USAGE, VmbackupError

EXIT_INTERRUPTED = 130  #: 128 + SIGINT, as shells count
EXIT_NOT_WRITTEN = 1  #: the output could not be written, or its reader went away; as click does
_CANNOT_WRITE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class CommandEntry(NamedTuple):
    """One command: its name, where it is (`package.module:attribute`), and its line of help."""

    name: str
    where: str
    help: str

    def load(self) -> click.Command:
        """Import the command."""
        module, _, attribute = self.where.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.where} is not a command")
        return command


class LazyGroup(click.Group):
    """A group whose commands stand in a table and are imported only when one is run.

    `vmbackup --help` reads the table alone, so it stays quick however much a command imports.
    """

    def __init__(self, table: Sequence[CommandEntry], *, name: str, help: str) -> None:  # noqa: A002
        super().__init__(
            name=name, help=help, context_settings={"help_option_names": ["-h", "--help"]}
        )
        self.table = {entry.name: entry for entry in table}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        entry = self.table.get(cmd_name)
        if entry is None:
            ctx.fail(f"There is no command “{cmd_name}”. There are {', '.join(self.table)}.")
        return entry.load()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(entry.name, entry.help) for entry in self.table.values()])


def run(command: click.Command, args: Sequence[str]) -> int:
    """Run a command and return its exit code; an error is one sentence on standard error."""
    if sys.stdout is None:  # the shell closed it: >&-
        say("There is no standard output to write to.")
        return EXIT_NOT_WRITTEN
    _write_what_the_terminal_cannot_show()
    try:
        code = command.main(list(args), prog_name="vmbackup", standalone_mode=False)
        sys.stdout.flush()
    except VmbackupError as error:
        say(str(error))
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return EXIT_USAGE
    except click.ClickException as error:
        say(f"{sentence_of(error)}{_where_to_look(error)}")
        return EXIT_USAGE
    except click.Abort:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return _leave_the_output()
    except OSError as error:
        if error.errno not in _CANNOT_WRITE:
            raise
        say(f"What was found could not be written: {error.strerror}.")
        return _leave_the_output()
    return code if isinstance(code, int) else 0


def sentence_of(error: click.ClickException) -> str:
    """What click found wrong, as one sentence that ends like one."""
    sentence = " ".join(error.format_message().split())
    return sentence if sentence.endswith((".", "?", "!", "?)")) else f"{sentence}."


def _where_to_look(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f" See “{context.command_path} --help”." if context else ""


def _write_what_the_terminal_cannot_show() -> None:
    """A terminal that is not UTF-8 shows `?` for what it has no letter for; nothing fails."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")


def _leave_the_output() -> int:
    """Point standard output nowhere, so that Python's last flush does not complain either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_NOT_WRITTEN
