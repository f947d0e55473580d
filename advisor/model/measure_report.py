"""What measuring one VM found, and what that did to the price of its advice."""

from __future__ import annotations

from typing import NamedTuple

from advisor.model.advice import Advice
from advisor.model.known import NotRead
from advisor.model.measured import SizeMeasured


class MeasureReport(NamedTuple):
    """`before`: the advice with nothing measured; `after`: with all of it."""

    before: Advice
    after: Advice
    used: tuple[SizeMeasured, ...]  #: every one that was found; the first is taken
    changed: tuple[SizeMeasured, ...]
    unread: tuple[NotRead, ...]  #: what could not be read, or measured nothing, and why
    asks_workspace: bool = False  #: whether a workspace of Log Analytics was named
