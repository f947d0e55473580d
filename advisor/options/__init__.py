"""The ways of protecting a VM. Each knows its own limits, recovery and bill; a tuple lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from advisor.model import Proposal, Protection, Usage
from advisor.options.azure_backup import option as backup
from advisor.options.case import Case
from advisor.options.site_recovery import option as site_recovery
from advisor.options.snapshots import option as snapshots


class Option(Protocol):
    """What every option answers, as a module or an object. `Any` is its own configuration."""

    NAME: str

    def configurations(self, case: Case) -> Sequence[Any]: ...
    def propose(self, case: Case, chosen: Sequence[Any]) -> list[Proposal]: ...
    def said_configuration(self, case: Case, said: Mapping[str, Any]) -> Any: ...
    def found_configuration(self, case: Case, found: Protection) -> Any | None: ...
    def usages(
        self, case: Case, chosen: Any, running_days: int | None = None
    ) -> tuple[Usage, ...]: ...


OPTIONS: tuple[Option, ...] = (backup, site_recovery, snapshots)
