"""Every error a person can meet, as one tree.

    VmbackupError                     anything we say in a sentence; carries an exit code
    |- UsageError            exit 2   a flag, a size, a duration that cannot be read
    |- VmNotFound            exit 3   no VM of that name; carries the nearest names
    |- VmAmbiguous           exit 3   several VMs of that name; carries their ids
    |- InputUnreadable       exit 4   a file is damaged, truncated or of an unknown shape
    |  '- SettingsUnreadable exit 4   vmbackup.toml or an environment variable is wrong
    |- AzureRefused          exit 5   Azure answered no (403, 429 for too long, 4xx)
    |  '- NotSignedIn        exit 5   Azure knows nobody by the sign-in (401)
    |- AzureUnreachable      exit 5   Azure did not answer (network, 5xx, time)
    |- SlackRefused          exit 5   Slack answered no (a token, a scope)
    |- DatabaseUnusable      exit 4   the bot's database cannot be opened as it is
    |  '- DatabaseInUse      exit 4   another process has the embedded database
    |- DatabaseUnreachable   exit 5   the bot's database does not answer
    |- NotReady              exit 7   `vmbackup doctor` found what keeps the bot from working
    '- PriceError            exit 6   with --strict; else a named missing line
       |- PriceMissing                no price for that meter, region and currency
       '- PriceAmbiguous              several different prices for it

`str(error)` is the sentence: what is wrong and what to do. It never holds a secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

EXIT_ADVISED = 0
EXIT_USAGE = 2
EXIT_VM_NOT_FOUND = 3
EXIT_INPUT_UNREADABLE = 4
EXIT_AZURE = 5
EXIT_STRICT = 6
EXIT_NOT_READY = 7
EXIT_FOUND = 8  #: a fleet has what --fail-on or --fail-above asked about


class VmbackupError(Exception):
    """Base of all errors that are shown to a person as one sentence."""

    exit_code: ClassVar[int] = 1


class UsageError(VmbackupError):
    """A flag, a size, a duration or a name that cannot be read."""

    exit_code = EXIT_USAGE


class VmNotFound(VmbackupError):
    """No VM of that name. `nearest` holds up to five names that look like it.

    `why`: where no VM was read at all, the reason and the remedy as sentences.
    """

    exit_code = EXIT_VM_NOT_FOUND

    def __init__(self, wanted: str, nearest: Sequence[str] = (), why: str = "") -> None:
        self.wanted = wanted
        self.nearest = tuple(nearest)
        hint = f" Did you mean {_either(self.nearest)}?" if self.nearest else ""
        super().__init__(why or f"There is no VM called “{wanted}” in what could be read.{hint}")


class VmAmbiguous(VmbackupError):
    """Several VMs of that name. `ids` are their full ARM ids."""

    exit_code = EXIT_VM_NOT_FOUND

    def __init__(self, wanted: str, ids: Sequence[str]) -> None:
        self.wanted = wanted
        self.ids = tuple(ids)
        places = "\n".join(f"  {vm_id}" for vm_id in self.ids)
        super().__init__(
            f"{len(self.ids)} VMs are called “{wanted}”. "
            f"Say which, as group/name or as the full id:\n{places}"
        )


class InputUnreadable(VmbackupError):
    """A file that is damaged, cut short or of a shape we do not know.

    `source` is the file's name (or "standard input"), `place` where in it
    (a JSON path such as `$[3].storageProfile`), `problem` what is wrong there.
    """

    exit_code = EXIT_INPUT_UNREADABLE

    def __init__(self, source: str, place: str, problem: str) -> None:
        self.source, self.place, self.problem = source, place, problem
        where = f"{source}, at {place}" if place else source
        super().__init__(f"{where}: {problem}")


class SettingsUnreadable(InputUnreadable):
    """vmbackup.toml or an environment variable holds what it may not."""


class AzureRefused(VmbackupError):
    """Azure answered no. `what` was being read; `permission` is what would allow it.

    `retry_after_seconds` is how long Azure wants to be left alone, where it says so.
    """

    exit_code = EXIT_AZURE

    def __init__(
        self,
        what: str,
        reason: str,
        permission: str = "",
        *,
        retry_after_seconds: float | None = None,
    ) -> None:
        self.what, self.reason, self.permission = what, reason, permission
        self.retry_after_seconds = retry_after_seconds
        need = f" It needs {permission}." if permission else ""
        super().__init__(f"Azure refused to let us read {what}: {reason}{need}")


class NotSignedIn(AzureRefused):
    """Azure knows nobody by this sign-in. Only a terminal's reader can sign in: `reason` does not
    say how, and the sentence does.
    """

    def __str__(self) -> str:
        return f"{super().__str__()} Sign in with az login, or set azure-identity's variables."


class AzureUnreachable(VmbackupError):
    """Azure did not answer in time, or not at all. `retry_after_seconds` as in AzureRefused."""

    exit_code = EXIT_AZURE

    def __init__(self, what: str, reason: str, *, retry_after_seconds: float | None = None) -> None:
        self.what, self.reason = what, reason
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"Azure could not be reached for {what}: {reason} Try again in a minute.")


class SlackRefused(VmbackupError):
    """Slack answered no: a token that is wrong, a scope that is missing."""

    exit_code = EXIT_AZURE


class DatabaseUnusable(VmbackupError):
    """The bot's database cannot be opened as it is: its directory, its files, its schema."""

    exit_code = EXIT_INPUT_UNREADABLE


class DatabaseInUse(DatabaseUnusable):
    """Another process has the directory of the embedded database."""


class DatabaseUnreachable(VmbackupError):
    """The bot's database does not answer, or went away while it was asked."""

    exit_code = EXIT_AZURE


class NotReady(VmbackupError):
    """Something that must be right for the bot is not, or could not be asked."""

    exit_code = EXIT_NOT_READY


class PriceError(VmbackupError):
    """A meter that has not exactly one price. `meter_name` names it for a person."""

    exit_code = EXIT_STRICT

    def __init__(self, meter_name: str, sentence: str) -> None:
        self.meter_name = meter_name
        super().__init__(sentence)


class PriceMissing(PriceError):
    """The book has no price for that meter, region and currency."""


class PriceAmbiguous(PriceError):
    """The book has several different prices for it, equally good."""


def _either(names: Sequence[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " or " + quoted[-1]
