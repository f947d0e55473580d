"""Starts PostgreSQL's programs: with which user, environment and log."""

from __future__ import annotations

import asyncio
import os
import re
from asyncio.subprocess import DEVNULL, Process
from dataclasses import dataclass, replace
from pathlib import Path

from advisor.errors import DatabaseUnusable
from bot.database.embedded.account import Account, run_as
from bot.database.embedded.locks import Lock

#: The bot's environment is not passed on: PGDATA, PGOPTIONS and the like would change the server.
_ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath}
_ERROR = re.compile(r"(?:FATAL|PANIC|ERROR|error|could not start):\s+(.+)")
#: What a server answers to a connection while it starts or stops: no reason why it ended.
_MEANWHILE = "the database system is "
_PRIVATE = 0o077  #: the umask: nothing for group or others


@dataclass(frozen=True, slots=True)
class Programs:
    """Starts PostgreSQL's programs. Each holds the server's lock while it runs."""

    installation: Path
    account: Account | None
    log: Path
    lock: Lock

    async def start_initdb(self, *arguments: str) -> Process:
        """Start initdb, which needs a user with a name."""
        named = self.account.for_initdb if self.account else None
        return await replace(self, account=named).start("initdb", *arguments)

    async def start(self, name: str, *arguments: str) -> Process:
        """Start one in a session of its own, so that Ctrl+C in the terminal does not reach it."""
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            return await asyncio.create_subprocess_exec(
                str(self.installation / "bin" / name),
                *arguments,
                stdin=DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                cwd="/",
                env=_ENVIRONMENT,
                start_new_session=True,
                umask=_PRIVATE,
                pass_fds=(self.lock.descriptor,),
                **run_as(self.account),
            )
        except OSError as error:
            raise self._not_started(name, error) from error
        finally:
            os.close(descriptor)

    def log_size(self) -> int:
        """The log's size in bytes: where its next entry begins."""
        return self.log.stat().st_size if self.log.exists() else 0

    def last_error_since(self, offset: int) -> str:
        """The last error in the log after `offset`, in PostgreSQL's words."""
        with self.log.open("rb") as log:
            log.seek(offset)
            text = log.read().decode(errors="replace")
        found = [said for said in _ERROR.findall(text) if not said.startswith(_MEANWHILE)]
        return f"{found[-1].strip().rstrip('.')}." if found else "it gave no reason."

    def _not_started(self, name: str, error: OSError) -> DatabaseUnusable:
        account = f" as “{self.account.name}”" if self.account else ""
        why = error.strerror or type(error).__name__
        return DatabaseUnusable(
            f"PostgreSQL's {name} cannot be started{account}: {why}. Start the bot as an ordinary "
            "user, or set DATABASE_URL to a PostgreSQL server of your own."
        )
