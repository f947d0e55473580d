"""The names of the actions, and the words in which their rows are written."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Action(StrEnum):
    """What a request changes in Azure. Its folder in `bot/actions` has the member's value."""

    SNAPSHOT = "snapshot"  #: take snapshots, or one restore point, of a VM's disks
    RESTORE = "restore"  #: make disks of snapshots or restore points again
    COPY = "copy"  #: copy snapshots or restore points to another region
    EXTEND = "extend"  #: extend their retention
    DELETE = "delete"  #: delete what expired or is cleaned up


class Effect(StrEnum):
    """What an action leaves behind in Azure."""

    MAKES = "makes"  #: new resources
    EXTENDS = "extends"  #: a longer retention of what another request made
    DELETES = "deletes"  #: fewer resources: those that another request made are deleted


class RuledBy(StrEnum):
    """Which rules of the settings hold for an action."""

    #: The rules that name the action, and those that name no action at all. Only the actions that
    #: existed when a rule without `actions` still meant every action have this.
    NAMED_OR_UNNAMED = "named or unnamed"
    #: The rules that name the action in `actions`, and no others. Every new action has this.
    NAMED = "named"
    #: All rules, whatever actions they name, and no rule may name the action: the points that
    #: expire were approved when they were made, and any other deletion follows the rules of its VM.
    ANY = "any"


class Privilege(NamedTuple):
    """Something that a person may do with vmbackup besides deciding a request."""

    table: str  #: of the settings file; the table names the people
    words: str  #: after “may”: `ask for snapshots`
    part: str = "requests"  #: of the settings file that holds the table; empty: it stands alone

    @property
    def setting(self) -> str:
        """The table as the settings file names it: `requests.ask`, `advise`."""
        return f"{self.part}.{self.table}" if self.part else self.table


def own_privilege(action: Action, words: str) -> Privilege:
    """The privilege of an action whose people stand in a table of its own, so that no older table
    grants it."""
    return Privilege(f"may.{action}", words)
