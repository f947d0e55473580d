"""The tools, one row each: the command behind it, its flags that an agent may set, what is kept.

The flags' types and descriptions are the command's own. Every tool reads; none changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from bot.agents.documents import FleetLines, whole_document
from bot.agents.kept import Each, Keep, Text

OURS, THEIRS, SENTENCE = Text.OURS, Text.THEIRS, Text.SENTENCE

#: An answer of a program, as lines of its output, as a document. Raises ValueError.
Reads = Callable[[Iterable[str]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTool:
    """One tool. `sources`: which flags of the server itself its command takes."""

    name: str
    command: tuple[str, ...]  #: the words after `vmbackup`
    where: str  #: `package.module:attribute` of the click command
    description: str
    flags: tuple[str, ...]  #: that an agent may set, as they are typed, without their dashes
    sources: tuple[str, ...]
    keep: Keep
    needs: tuple[str, ...] = ()  #: flags that an agent has to set beside those of the command
    reads: Reads = whole_document

    def load(self) -> click.Command:
        """Import the command."""
        module, _, attribute = self.where.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.where} is not a command")
        return command


#: A range of money: decimal strings, and which prices are missing.
_MONEY: Keep = {"currency": OURS, "low": OURS, "likely": OURS, "high": OURS, "missing": OURS}
_RANGE: Keep = {"low": OURS, "likely": OURS, "high": OURS, "source": OURS}
_RECOVERY: Keep = {
    event: {"rpo": OURS, "rto": _RANGE, "tier": OURS} for event in ("deletion", "zone", "region")
}
_ASSESSMENT: Keep = {
    "option": OURS,
    "configuration": OURS,
    "verdict": OURS,
    "meets_need": OURS,
    "unmet": SENTENCE,
    "recovery": _RECOVERY,
    "monthly": _MONEY,
}
_ADVICE: Keep = {
    "vm": {
        "id": THEIRS,
        "name": THEIRS,
        "region": OURS,
        "size": OURS,
        "os_type": OURS,
        "power_state": OURS,
        "tags": THEIRS,
        "disks": Each({"name": THEIRS, "sku": OURS, "size_gib": OURS, "os": OURS}),
    },
    "need": {
        "tier": THEIRS,
        "deletion": OURS,
        "zone": OURS,
        "region": OURS,
        "retention": OURS,
        "isolated": OURS,
        "consistency": OURS,
        "stated": OURS,
        "notices": SENTENCE,
    },
    "sizing": {"used_gib": _RANGE, "changed_gib_per_day": _RANGE},
    "unprotected": OURS,
    "not_read": SENTENCE,
    "decision": {
        "action": OURS,
        "sentence": SENTENCE,
        "options": OURS,
        "meets": OURS,
        "condition": SENTENCE,
        "monthly": _MONEY,
        "today": _MONEY,
        "difference": OURS,
        "gaps": SENTENCE,
        "unmet": SENTENCE,
        "irreversible": SENTENCE,
        "todo": SENTENCE,
    },
    "recommended": {"reasons": SENTENCE, "not_covered": SENTENCE},
    "assessments": Each(_ASSESSMENT, most=6),
    "prices_as_of": OURS,
}
_ESTIMATE: Keep = {
    "option": OURS,
    "configuration": OURS,
    "verdict": OURS,
    "not_read": SENTENCE,
    "recovery": _RECOVERY,
    "monthly": _MONEY,
    "lines": Each(
        {
            "name": OURS,
            "quantity": _RANGE,
            "unit": OURS,
            "unit_price": OURS,
            "monthly": {"low": OURS, "likely": OURS, "high": OURS},
            "missing": OURS,
        }
    ),
    "notes": OURS,
    "drives_spread": OURS,
    "prices_as_of": OURS,
}
_PRICES: Keep = {
    "region": OURS,
    "currency": OURS,
    "as_of": OURS,
    "meters": Each(
        {
            "name": OURS,
            "price": {"unit": OURS, "unit_price": OURS, "true_on": OURS, "origin": OURS},
            "missing": OURS,
        },
        most=200,
    ),
}
_BILL_LINE: Keep = {
    "vm": THEIRS,
    "protection": OURS,
    "kind": OURS,
    "meter": OURS,
    "how": OURS,
    "amount": OURS,
    "currency": OURS,
}
_BILL: Keep = {
    "vm": THEIRS,
    "name": THEIRS,
    "month": OURS,
    "final": OURS,
    "totals": OURS,
    "lines": Each(_BILL_LINE, most=50),
    "not_attributed": Each(_BILL_LINE),
    "estimate": {"given_at": OURS, "currency": OURS},
    "differences": Each(
        {"protection": OURS, "kind": OURS, "billed": OURS, "estimated": OURS},
    ),
    "not_read": SENTENCE,
}
_POINT: Keep = {
    "id": THEIRS,
    "kind": OURS,
    "size_gib": OURS,
    "made_at": OURS,
    "expires_at": OURS,
    "deleted_at": OURS,
    "in_azure": OURS,
    "monthly": _MONEY,
}
_REQUESTS: Keep = {
    "requests": Each(
        {
            "id": OURS,
            "action": OURS,
            "title": THEIRS,
            "state": OURS,
            "standing": SENTENCE,
            "vm": THEIRS,
            "requester": {"id": OURS, "name": THEIRS},
            "reason": THEIRS,
            "why": SENTENCE,
            "asked_at": OURS,
            "decide_by": OURS,
            "finished_at": OURS,
            "monthly": _MONEY,
            "missing_prices": OURS,
            "points": Each(_POINT, most=10),
        },
        most=50,
    ),
    "current": OURS,
    "every": OURS,
}
_SPAN: Keep = {"least": OURS, "most": OURS}
_FLEET: Keep = {
    "vms": Each(
        {
            "id": THEIRS,
            "name": THEIRS,
            "region": OURS,
            "tags": THEIRS,
            "tier": THEIRS,
            "state": OURS,
            "state_words": SENTENCE,
            "not_read": SENTENCE,
            "action": OURS,
            "todo": SENTENCE,
            "meets": OURS,
            "today": _MONEY,
            "after": _MONEY,
            "findings": OURS,
        },
        most=25,
    ),
    "vms_all": OURS,
    "currency": OURS,
    "sums": OURS,
    "groups": Each({"name": THEIRS, "vms": OURS, "by_state": OURS, "today": OURS, "after": OURS}),
    "saves": _SPAN,
    "apart": _SPAN,
    "findings": Each(
        {
            "kind": OURS,
            "subject": THEIRS,
            "id": THEIRS,
            "region": OURS,
            "said": SENTENCE,
            "saves": _SPAN,
            "costs": OURS,
            "lost": OURS,
        },
        most=30,
    ),
    "unread": SENTENCE,
    "prices_as_of": OURS,
}

TOOLS = (
    AgentTool(
        name="advise",
        command=("advise",),
        where="advisor.cli.advise:advise",
        description=(
            "What can protect one Azure VM against deletion, the loss of a zone and of a region; "
            "what each way costs a month; which one to take and why. VM is a name, group/name or "
            "a full ARM id. What could not be read is unknown and named, never a no."
        ),
        flags=(
            *("vm", "rpo", "rto", "survive", "region-rpo", "region-rto", "keep", "isolated"),
            *("consistency", "used", "churn", "written", "leave-out", "to", "currency"),
        ),
        sources=("inventory", "subscription", "management-group", "settings", "offline"),
        keep=_ADVICE,
    ),
    AgentTool(
        name="estimate",
        command=("estimate",),
        where="advisor.cli.estimate:estimate",
        description="What one way of protection costs a month, for a VM that does not exist yet.",
        flags=(
            *("option", "region", "disk", "os", "size", "churn", "every", "keep", "redundancy"),
            *("policy", "archive", "to", "count", "currency"),
        ),
        sources=("offline",),
        keep=_ESTIMATE,
    ),
    AgentTool(
        name="prices",
        command=("prices", "show"),
        where="advisor.cli.prices:show",
        description="Every price that is known of one region, how old it is, and what is missing.",
        flags=("region", "currency"),
        sources=(),
        needs=("region",),
        keep=_PRICES,
    ),
    AgentTool(
        name="bill",
        command=("bill",),
        where="advisor.cli.bill:bill",
        description=(
            "What the protection of one VM, or of every VM, really cost in one month, by Cost "
            "Management: amortised usage before tax, beside what was estimated."
        ),
        flags=("vm", "month"),
        sources=("subscription", "management-group"),
        keep=_BILL,
    ),
    AgentTool(
        name="requests",
        command=("requests",),
        where="bot.requests_cli:requests",
        description=(
            "What was asked for in Slack: requests under way, what is kept and until when, what "
            "it costs, and what ended lately. To ask for one is left to people."
        ),
        flags=("vm", "all"),
        sources=(),
        keep=_REQUESTS,
    ),
    AgentTool(
        name="fleet",
        command=("fleet",),
        where="advisor.cli.fleet:fleet",
        description=(
            "Every VM at once: how many are unprotected, partly protected or protected, what that "
            "costs today and as advised, and the findings with their money. The VMs listed are "
            "those to do something about, at most 25 of them; the sums are of all."
        ),
        flags=("group-by", "currency"),
        sources=("inventory", "subscription", "management-group", "settings", "offline"),
        keep=_FLEET,
        reads=FleetLines().document,
    ),
)
BY_NAME: Mapping[str, AgentTool] = {each.name: each for each in TOOLS}
