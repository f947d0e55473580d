"""The phrases that every presentation shares: money, quantities, durations, needs.

What they return is plain text: a renderer escapes it for its own format.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from advisor.model import (
    Assessment,
    Event,
    EventNeed,
    Line,
    Monthly,
    Need,
    Plan,
    PriceOrigin,
    Range,
    Rto,
    Verdict,
)

CENT = Decimal("0.01")
WHOLE_FROM = 10  #: in short, an amount from here on has no cents: nobody decides by them
NO_CENTS_FROM = 100  #: not even beside an amount that has them

EVENT_WORDS = {
    Event.DELETION: "deletion",
    Event.ZONE: "the loss of its zone",
    Event.REGION: "the loss of its region",
}
#: Of a price that was not read for its region.
ORIGIN_WORDS = {
    PriceOrigin.CARRIED: "Carried over from other regions",
    PriceOrigin.WORKED_OUT: "Worked out from another price of the region",
    PriceOrigin.BOUNDED: "At most, as others report",
}
VERDICT_WORDS = {Verdict.YES: "yes", Verdict.NO: "no", Verdict.UNKNOWN: "unknown"}

#: Other (Cc, Cf, Cs) and line and paragraph separators: they move the cursor, hide or reorder
#: text, so none of them reaches a reader.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
#: What no word of ours has and names do: a digit, an underscore, a dot or a capital inside.
_NAME = re.compile(r"[0-9_]|.[A-Z]|\.\w")
_SPACES = str.maketrans("\n\r\t\v\f\u0085\u2028\u2029", "        ")


def clean(text: str) -> str:
    """One line without control characters, whatever a stranger wrote."""
    if text.isprintable():  # nearly always, and quicker by far than to look at each character
        return text.strip()
    seen = (each for each in text.translate(_SPACES) if unicodedata.category(each) not in _UNSEEN)
    return "".join(seen).strip()


# --- joining ---------------------------------------------------------------------------------


def listed(items: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    every = list(items)
    if len(every) < 2:
        return "".join(every)
    return f"{', '.join(every[:-1])} {last} {every[-1]}"


@lru_cache(maxsize=4096)
def counted(number: int, one: str, many: str = "") -> str:
    """`1 disk`, `3 disks`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def capital(text: str) -> str:
    """The first letter in upper case, the rest as it is; a name like `web-01` stays as it is."""
    first = text.partition(" ")[0]
    return text if _NAME.search(first) else text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """With a capital at the start and a full stop at the end."""
    text = text.strip()
    return capital(text) if not text or text[-1] in ".!?" else f"{capital(text)}."


def sentences(texts: Iterable[str]) -> str:
    """Several, one after the other."""
    return " ".join(sentence(text) for text in texts if text.strip())


# --- money -----------------------------------------------------------------------------------


def amount(value: Decimal) -> str:
    """`1,234.50`; what is above zero and below a cent is `<0.01`, so that it never looks free."""
    if 0 < value < CENT / 2:
        return "<0.01"
    return f"{value.quantize(CENT, ROUND_HALF_UP):,}"


def money(value: Decimal, currency: str) -> str:
    """`31.20 USD`."""
    return f"{amount(value)} {currency}"


def span(low: Decimal, high: Decimal) -> str:
    """`24.90 to 44.10`, or empty where both read the same."""
    return "" if amount(low) == amount(high) else f"{amount(low)} to {amount(high)}"


def amount_range(value: Range) -> str:
    """`31.20 (24.90 to 44.10)`."""
    between = span(value.low, value.high)
    return amount(value.likely) + (f" ({between})" if between else "")


def monthly_likely(monthly: Monthly) -> str:
    """`31.20 USD`, `at least 12.30 USD` where a price is missing, `not known` where all are."""
    if monthly.likely is not None and monthly.complete:
        return money(monthly.likely, monthly.currency)
    if monthly.low >= CENT:
        return f"at least {money(monthly.low, monthly.currency)}"
    return "not known"


def monthly_span(monthly: Monthly) -> str:
    """`24.90 to 44.10`; empty where it is exact or a price is missing."""
    return span(monthly.low, monthly.high) if monthly.complete and monthly.high is not None else ""


def brief_amount(value: Decimal, likely: Decimal | None = None) -> str:
    """`1,383`, `31`, `8.67`: without cents where the likely amount beside it is WHOLE_FROM or more.

    What is below one unit keeps its cents, so that it never looks free.
    """
    beside = value if likely is None else likely
    if abs(value) < 1 or (abs(beside) < WHOLE_FROM and abs(value) < NO_CENTS_FROM):
        return amount(value)
    return f"{value.quantize(Decimal(1), ROUND_HALF_UP):,}"


def brief_money(value: Decimal, currency: str) -> str:
    """`1,383 USD`, `8.67 USD`."""
    return f"{brief_amount(value)} {currency}"


def brief_span(low: Decimal, high: Decimal, likely: Decimal) -> str:
    """`8 to 137`, or empty where both read the same."""
    ends = brief_amount(low, likely), brief_amount(high, likely)
    return "" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def brief_likely(monthly: Monthly) -> str:
    """`31`, `at least 18` where a price is missing, `not known` where all are."""
    if monthly.likely is not None and monthly.complete:
        return brief_amount(monthly.likely)
    return f"at least {brief_amount(monthly.low)}" if monthly.low >= CENT else "not known"


def brief_month(monthly: Monthly) -> str:
    """`31 (8 to 137)`, `at least 18` where a price is missing, `not known` where all are."""
    if monthly.likely is not None and monthly.high is not None and monthly.complete:
        between = brief_span(monthly.low, monthly.high, monthly.likely)
        return brief_amount(monthly.likely) + (f" ({between})" if between else "")
    return brief_likely(monthly)


def month_words(monthly: Monthly) -> str:
    """`31 USD a month`, `at least 18 USD a month`, `price not known`: inside a sentence."""
    words = brief_likely(monthly)
    return f"price {words}" if words == "not known" else f"{words} {monthly.currency} a month"


def missing_lines(parts: Iterable[Assessment]) -> tuple[Line, ...]:
    """The lines without which a total is only a floor."""
    lines = (line for part in parts for line in part.lines)
    return tuple(line for line in lines if line.monthly is None and not line.usage.optional)


def missing_names(parts: Iterable[Assessment]) -> str:
    """`no price for vault storage`: what the lines without an amount are called."""
    names = dict.fromkeys(inside(line.usage.name) for line in missing_lines(parts))
    return f"no price for {listed(names)}" if names else ""


def cost(parts: Iterable[Assessment], monthly: Monthly) -> str:
    """`31.20 USD a month (24.90 to 44.10)` or `at least 12.30 USD a month (no price for ...)`."""
    beside = monthly_span(monthly)
    if not monthly.complete:
        beside = missing_names(parts) or counted(len(monthly.missing), "price") + " missing"
    known = monthly_likely(monthly)
    every = "" if known == "not known" else " a month"
    return f"{known}{every}" + (f" ({beside})" if beside else "")


def plan_cost(plan: Plan) -> str:
    """What a plan costs a month, as `cost` says it."""
    return cost(plan.parts, plan.monthly)


def inside(name: str) -> str:
    """A line's name inside a sentence: `vault storage`, but `P10 LRS disk` as it is."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


#: Words that have a capital only because a sentence begins with them.
_BEGINNINGS = frozenset(
    {"A", "An", "At", "Disks", "It", "Its", "No", "Nothing", "Only", "Peak", "Some", "Snapshots",
     "That", "The", "There", "This", "What", "Whether", "Which"}
)  # fmt: skip


def after_colon(text: str) -> str:
    """A sentence as it reads after a colon: `the VM has 34 disks`; names keep their letters."""
    first = text.partition(" ")[0]
    return text[:1].lower() + text[1:] if first in _BEGINNINGS else text


# --- quantities ------------------------------------------------------------------------------


def quantity(value: Decimal) -> str:
    """A quantity to about three figures: `1,152`, `47.3`, `0.011`; never rounded to nothing."""
    size = abs(value)
    places = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    shown = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if value > 0 and not shown:
        return "<0.001"
    text = f"{shown:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity_range(value: Range, unit: str) -> str:
    """`557 GB (122 to 1,139)`; one number where the ends read the same."""
    low, high = quantity(value.low), quantity(value.high)
    between = "" if low == high else f" ({low} to {high})"
    return f"{quantity(value.likely)} {unit}{between}"


# --- durations -------------------------------------------------------------------------------

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_FROM_HERE_DAYS = 3 * _DAY  #: shorter ones are said in hours: an RPO is 24 h, 36 h, 48 h


@lru_cache(maxsize=4096)
def duration(value: timedelta) -> str:
    """`15 min`, `1 h 30 min`, `36 h`, `7 days`: exact to the minute."""
    if value >= _FROM_HERE_DAYS and not value % _DAY:
        return counted(value // _DAY, "day")
    if value < _MINUTE:
        return f"{int(value.total_seconds())} s"
    hours, minutes = value // _HOUR, value % _HOUR // _MINUTE
    parts = (f"{hours:,} h" if hours else "", f"{minutes} min" if minutes else "")
    return " ".join(part for part in parts if part)


@lru_cache(maxsize=4096)
def about(value: timedelta) -> str:
    """A duration nobody knows exactly, rounded up: `25 min`, `3 h`, `4 days`."""
    if value <= _HOUR:
        step = 5 * _MINUTE if value > 10 * _MINUTE else _MINUTE
    elif value <= 2 * _HOUR:
        step = 15 * _MINUTE
    else:
        step = _HOUR if value < _FROM_HERE_DAYS else _DAY
    return duration(-(-value // step) * step)


def age(value: timedelta) -> str:
    """How old something is, rounded down: `12 min`, `5 h`, `3 days`."""
    if value >= _FROM_HERE_DAYS:
        return duration(value // _DAY * _DAY)
    return duration(value // _HOUR * _HOUR if value >= _HOUR else max(value, timedelta()))


def back_within(rto: Rto) -> str:
    """`1 h` where it is documented, `about 3 h` where it is assumed."""
    return duration(rto.likely) if rto.source == "documented" else f"about {about(rto.likely)}"


# --- needs -----------------------------------------------------------------------------------


def event_need(event: Event, need: EventNeed) -> str:
    """`the loss of its region (lose at most 36 h, back within 24 h)`."""
    back = f", back within {duration(need.rto)}" if need.rto is not None else ""
    return f"{EVENT_WORDS[event]} (lose at most {duration(need.rpo)}{back})"


def need_words(need: Need) -> str:
    """What must be survived and how well, as one phrase without a full stop."""
    asked = [(event, need.of(event)) for event in Event]
    events = [event_need(event, part) for event, part in asked if part is not None]
    parts = [f"survive {listed(events)}" if events else "nothing has to be survived"]
    if str(need.retention):
        parts.append(f"keep {need.retention}")
    if need.isolated:
        parts.append("points that cannot be deleted with the VM")
    if need.consistency:
        parts.append(f"{need.consistency.label} consistent")
    return "; ".join(parts)


_TIER_BY = {"the default": "the default: no tag chooses one"}


def tier_words(need: Need) -> str:
    """`the production tier (by tag environment)`, `what was asked (by flag)`."""
    wheres = dict.fromkeys(need.origin.values())
    own = [where for where in wheres if where != "flag"]
    if not own:
        return "what was asked"
    said = [where.removeprefix(f"tier {need.tier}, ") for where in own]
    said = [_TIER_BY.get(where, where).removeprefix("by ") for where in said]
    flags = [part for part, where in need.origin.items() if where == "flag"]
    said += [f"{listed(flags)} by flag"] if flags else []
    return f"the {need.tier} tier ({'; '.join(said)})" if need.tier else f"the need ({said[0]})"


def need_origin(origin: Mapping[str, str]) -> str:
    """Where the need comes from: `tier production, by tag environment; retention by flag`."""
    parts: dict[str, list[str]] = {}
    for part, where in origin.items():
        parts.setdefault(where, []).append(part)
    whole = max(parts, key=lambda where: len(parts[where]), default="")
    rest = [f"{listed(names)} by {where}" for where, names in parts.items() if where != whole]
    return "; ".join([whole, *rest]) if whole else ""


def prices_of(as_of: str, age_days: int | None) -> str:
    """`Prices of 2026-08-22, 99 days old`; a date without its month is at most so old.

    `as_of`: the oldest date of a price that is shown; empty: nothing is said. `age_days`: its age.
    """
    if not as_of:
        return ""
    about = "" if len(as_of) == len("2026-08-22") else "up to "
    age = f", {about}{counted(age_days, 'day')} old" if age_days and age_days > 0 else ""
    return f"Prices of {as_of}{age}"


def prices_dated(as_of: str, age_days: int | None) -> str:
    """As `prices_of`, as a sentence."""
    said = prices_of(as_of, age_days)
    return f"{said}." if said else ""
