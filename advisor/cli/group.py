"""The frame of the command line: commands imported when they are run, errors as one sentence."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import click

from advisor.cli.output import say
from advisor.cli.signs import show_signs
from advisor.errors import EXIT_USAGE, VmbackupError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

EXIT_INTERRUPTED = 130  #: 128 + SIGINT, as shells count
EXIT_NOT_WRITTEN = 1  #: the output could not be written, or its reader went away; as click does
#: With which a line of help and the longest name (`inventory`) fill the 78 columns click writes.
HELP_COLUMNS = 65
_LIKE_ENOUGH = 60  #: of 100, rapidfuzz's ratio: `adivse` is like `advise`, `web-01` is not
_CANNOT_WRITE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class Example(NamedTuple):
    """A command line as a person would type it, and what it is good for. A test runs each."""

    why: str
    line: str


class CommandEntry(NamedTuple):
    """One command: its name, where it is (`package.module:attribute`), its line of help, examples.

    The line of help stands beside the name in 80 columns, so it has at most HELP_COLUMNS.
    """

    name: str
    where: str
    help: str
    examples: tuple[Example, ...] = ()

    def load(self) -> click.Command:
        """Import the command."""
        module, _, attribute = self.where.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.where} is not a command")
        return command


class GroupEntry(NamedTuple):
    """Commands under one name: its line of help, and what `about` adds to it with --help."""

    name: str
    help: str
    commands: tuple[CommandEntry, ...]
    about: str = ""

    @property
    def examples(self) -> tuple[Example, ...]:
        """The first of each command."""
        return tuple(one.examples[0] for one in self.commands if one.examples)

    def load(self) -> click.Command:
        """The group; none of its commands is imported."""
        return LazyGroup(self.commands, name=self.name, help=f"{self.help}\n\n{self.about}")


Entry = CommandEntry | GroupEntry


def every_command(table: Sequence[Entry]) -> Iterator[tuple[str, CommandEntry]]:
    """Each command with the words after `vmbackup`, those of groups included."""
    for entry in table:
        if isinstance(entry, CommandEntry):
            yield entry.name, entry
        else:
            yield from ((f"{entry.name} {one.name}", one) for one in entry.commands)


class LazyGroup(click.Group):
    """A group whose commands stand in a table and are imported only when one is run.

    Help, completion and the hint at a misspelt name read the table alone, so they stay quick
    however much a command imports.
    """

    def __init__(self, table: Sequence[Entry], *, name: str, help: str) -> None:  # noqa: A002
        super().__init__(
            name=name, help=help, context_settings={"help_option_names": ["-h", "--help"]}
        )
        self.table = {entry.name: entry for entry in table}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self.table.get(cmd_name)
        return entry.load() if entry else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.table and not name.startswith("-") and not ctx.resilient_parsing:
            ctx.fail(_no_such_command(name, self.table))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(entry.name, entry.help) for entry in self.table.values()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_examples(formatter, [each.examples[0] for each in self.table.values()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        names = [
            CompletionItem(entry.name, help=entry.help)
            for entry in self.table.values()
            if entry.name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]


class LeafCommand(click.Command):
    """A command of a table; its help ends with the examples of its row."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        group = ctx.parent.command if ctx.parent else None
        if isinstance(group, LazyGroup):
            _write_examples(formatter, group.table[self.name or ""].examples)


def _write_examples(formatter: click.HelpFormatter, examples: Sequence[Example]) -> None:
    with formatter.section("Examples"):
        for why, line in examples:
            shown = line.replace("\n", "\n  ")
            formatter.write(f"  # {why}\n  {shown}\n")


def _no_such_command(name: str, table: Mapping[str, Entry]) -> str:
    """What is wrong, the nearest command (`prices show` for `show`), and what there is."""
    from rapidfuzz import fuzz, process

    known = {path: path.rpartition(" ")[2] for path in table}
    known |= {path: path.rpartition(" ")[2] for path, _ in every_command(tuple(table.values()))}
    nearest = process.extractOne(name.lower(), known, scorer=fuzz.ratio, score_cutoff=_LIKE_ENOUGH)
    hint = f" Did you mean “{nearest[2]}”?" if nearest else ""
    listed = f"There are {', '.join(table)}." if len(table) > 1 else f"There is {', '.join(table)}."
    return f"There is no command “{name}”.{hint} {listed}"


def run(command: click.Command, args: Sequence[str]) -> int:
    """Run a command and return its exit code; an error is one sentence on standard error."""
    if sys.stdout is None:  # the shell closed it: >&-
        say("There is no standard output to write to.")
        return EXIT_NOT_WRITTEN
    show_signs(sys.stdout)
    show_signs(sys.stderr)
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


def _leave_the_output() -> int:
    """Point standard output nowhere, so that Python's last flush does not complain either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_NOT_WRITTEN
