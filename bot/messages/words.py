"""The words of an advice in Slack: money, durations, options and plans as short phrases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from advisor.model import (
    Advice,
    Assessment,
    Configuration,
    Event,
    Monthly,
    Plan,
    Recovery,
    Sizing,
    Verdict,
    Vm,
)
from advisor.quantities import format_duration
from advisor.regions import display_name

_OPTIONS = {
    "azure-backup": "Azure Backup",
    "site-recovery": "Site Recovery",
    "snapshots": "Snapshots",
}
_REDUNDANCIES = {
    "lrs": "LRS",
    "zrs": "ZRS",
    "grs": "GRS",
    "grs-crr": "GRS with cross-region restore",
}
_CENT = Decimal("0.01")
_MISSING_NAMED = 2  #: how many missing prices a phrase names before it counts the rest
_SETTINGS_SHOWN = 3  #: of an option whose settings we have no words for


def money(amount: Decimal, currency: str) -> str:
    """`31.20 USD`. What is above nothing and below a cent is not rounded to nothing."""
    if 0 < amount < _CENT:
        return f"under 0.01 {currency}"
    return f"{amount:,.2f} {currency}"


def cost(monthly: Monthly) -> str:
    """`31.20 USD (24.90 to 44.10)`, or the floor with what is missing."""
    amount, detail = _amount_and_detail(monthly)
    return f"{amount} ({detail})"


def cost_sentence(monthly: Monthly) -> str:
    """The same with its month: `31.20 USD a month (24.90 to 44.10)`."""
    amount, detail = _amount_and_detail(monthly)
    return f"{amount} a month ({detail})"


def duration(value: timedelta) -> str:
    """`15min`, `4h`, `30d`; what is shorter than a minute is not called nothing."""
    return format_duration(value) if value >= timedelta(minutes=1) else "under 1min"


def option_name(option: str) -> str:
    """`azure-backup` -> `Azure Backup`."""
    return _OPTIONS.get(option) or option.replace("-", " ").capitalize()


def option_title(assessment: Assessment) -> str:
    """The option with the settings that tell its configurations apart."""
    name = option_name(assessment.option)
    settings = _settings(assessment.proposal.configuration)
    return f"{name} ({', '.join(settings)})" if settings else name


def plan_title(plan: Plan) -> str:
    """The options of a plan, joined by "and"."""
    return " and ".join(option_title(part) for part in plan.parts) or "nothing"


def verdict(assessment: Assessment) -> str:
    """Whether the VM may use it: yes, no, or not known."""
    return {Verdict.YES: "yes", Verdict.NO: "no", Verdict.UNKNOWN: "not known"}[assessment.verdict]


def meets(assessment: Assessment) -> str:
    """Whether it meets the need, and the first thing it does not."""
    if assessment.meets_need is None:
        return "no need stated"
    if assessment.meets_need:
        return "yes"
    return f"no: {assessment.unmet[0]}" if assessment.unmet else "no"


def deletion_rpo(assessment: Assessment) -> str:
    """The recovery point objective after a deletion."""
    recovery = assessment.recovery.get(Event.DELETION)
    return duration(recovery.rpo) if recovery else "none"


def elsewhere_rpo(assessment: Assessment) -> str:
    """The recovery point objectives after losing the zone and the region."""
    found = _recoveries(assessment, Event.ZONE, Event.REGION)
    return ", ".join(f"{event} {duration(recovery.rpo)}" for event, recovery in found) or "none"


def rto(assessment: Assessment) -> str:
    """How long until it runs again, per event, as likely as we can say."""
    found = _recoveries(assessment, *Event)
    return ", ".join(f"{event} {duration(each.rto.likely)}" for event, each in found) or "none"


def place(vm: Vm) -> str:
    """Where the VM is and what it is, to tell it from another of the same name."""
    disks = f"{len(vm.disks)} disk" + ("" if len(vm.disks) == 1 else "s")
    parts = (display_name(vm.region), vm.size or "", disks)
    return (
        f"Resource group {vm.resource_group}, {', '.join(part for part in parts if part)}. "
        f"Subscription {vm.subscription_id}."
    )


def sizes(sizing: Sizing) -> str:
    """Used, changed and written, each with its source."""
    return (
        f"Sizes: {_quantity(sizing.used_gib.range.likely)} GiB used ({sizing.used_gib.source}), "
        f"{_quantity(sizing.changed_gib_per_day.range.likely)} GiB changed a day "
        f"({sizing.changed_gib_per_day.source}), "
        f"{_quantity(sizing.written_gib_per_day.range.likely)} GiB written a day "
        f"({sizing.written_gib_per_day.source})."
    )


def recommendation(advice: Advice) -> str:
    """The advice in one sentence, with what it costs."""
    if advice.recommended is None:
        return "Nothing that this VM may use meets its need."
    verb = "Keep" if advice.recommended.in_place else "Take"
    title = plan_title(advice.recommended)
    return f"{verb} {title}: {cost_sentence(advice.recommended.monthly)}."


def _amount_and_detail(monthly: Monthly) -> tuple[str, str]:
    if monthly.missing or monthly.likely is None or monthly.high is None:
        return f"at least {money(monthly.low, monthly.currency)}", _missing(monthly)
    span = f"{monthly.low:,.2f} to {monthly.high:,.2f}"
    return money(monthly.likely, monthly.currency), span


def _missing(monthly: Monthly) -> str:
    if not monthly.missing:
        return "a price is missing"
    named = " and ".join(f"price of {name} missing" for name in monthly.missing[:_MISSING_NAMED])
    more = len(monthly.missing) - _MISSING_NAMED
    return named + (f" and {more} more" if more > 0 else "")


def _recoveries(assessment: Assessment, *events: Event) -> list[tuple[Event, Recovery]]:
    found = ((event, assessment.recovery.get(event)) for event in events)
    return [(event, recovery) for event, recovery in found if recovery is not None]


def _settings(configuration: Configuration) -> list[str]:
    known = [
        _setting(name, configuration[name]) for name in _SETTING_WORDS if name in configuration
    ]
    if known:
        return [word for word in known if word]
    shown = list(configuration.items())[:_SETTINGS_SHOWN]
    return [f"{name.replace('_', ' ')} {_value(value)}" for name, value in shown]


def _setting(name: str, value: Any) -> str:
    return "" if value in (None, "") else _SETTING_WORDS[name](_value(value))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return duration(value) if isinstance(value, timedelta) else str(value)


def _target(value: str) -> str:
    return f"to {value.replace('zone:', 'zone ')}" if value.startswith("zone:") else f"to {value}"


_SETTING_WORDS: Mapping[str, Callable[[str], str]] = {
    "policy": str.capitalize,
    "every": lambda value: f"every {value}",
    "redundancy": lambda value: _REDUNDANCIES.get(value, value),
    "full": lambda value: "full copies" if value == "yes" else "incremental",
    "count": lambda value: f"{value} kept",
    "to": _target,
}


def _quantity(value: Decimal) -> str:
    return f"{value:,.1f}".removesuffix(".0")
