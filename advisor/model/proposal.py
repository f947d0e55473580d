"""What an option answers: reasons, tiers of points, and the lines of its bill."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from advisor.model.basics import Consistency, Event, Range, Source, Verdict


class Reason(NamedTuple):
    """What one rule says of one option for one VM."""

    rule: str  #: nvme-controller
    verdict: Verdict
    text: str  #: a sentence that holds the values looked at
    source: str  #: the article and its date
    blocking: bool = True  #: a no (or an unknown of what was supplied) decides the option
    not_supplied: bool = False  #: unknown because nobody supplied the resource: never blocks
    condition: str = ""  #: of a yes that holds on a condition: the clause after "if"


class Rto(NamedTuple):
    """Time until running again, with its source: `documented`, `measured` or `assumed`."""

    low: timedelta
    likely: timedelta
    high: timedelta
    source: str
    basis: str = ""  #: of a measured one: whose restore it was, when, and how long it took


#: A condition that is a deed of whoever asks, and no doubt about a figure: what it needs is said,
#: and no certain plan is dearer for want of it.
TAKEN_BY_SOMEBODY = "somebody takes the points on schedule: Azure does not"
SERIES_GOES_ON = "the series goes on"  #: the same of points that somebody takes already


class PointTier(NamedTuple):
    """One tier of recovery points: where points lie and what they are good for."""

    name: str
    events: tuple[Event, ...]
    rpo: timedelta
    rto: Rto
    retention_days: int
    consistency: Consistency
    isolated: bool
    note: str = ""
    #: `Disk.key` of each disk with data that its points do not hold: the gap of its events.
    left_out: frozenset[str] = frozenset()
    #: The consistency that is certain, where `consistency` rests on an agent that may not run.
    sure_consistency: Consistency | None = None  #: None: `consistency` itself
    consistency_condition: str = ""  #: the clause after "if" on which `consistency` is reached
    #: Clauses after "if" on which all that it gives rests: who takes the points, who is let in.
    conditions: tuple[str, ...] = ()


class LineKind(StrEnum):
    """How a line counts. A total is the sum of its recurring and drill lines."""

    RECURRING = "recurring"
    DRILL = "drill"
    ONE_TIME = "one-time"  #: shown beside the total: the first copy
    CREDIT = "credit"  #: shown beside the total: Site Recovery's free 31 days


class PriceOrigin(StrEnum):
    """Where a price comes from. What was not read for its region is marked wherever it is shown."""

    LISTED = "listed"  #: read for this meter in this region
    CARRIED = "carried"  #: unchanged from regions in which it was the same without exception
    WORKED_OUT = "worked out"  #: from another price of the same region
    AGREED = "agreed"  #: from the price sheet of one's own agreement
    DISCOUNTED = "discounted"  #: the list's, less a discount that the settings state
    BOUNDED = "bounded"  #: in no list; the most that it may cost, as others report


class Meter(NamedTuple):
    """What identifies a price, in the Retail Prices API's words.

    `region` is ARM's name. For traffic between regions it is the source, `to_region` the target.
    """

    service: str
    product: str
    sku: str
    meter: str
    region: str
    to_region: str = ""


class Usage(NamedTuple):
    """A line of a bill before it is priced: how much of which meter a month, and why."""

    name: str
    kind: LineKind
    meter: Meter
    unit: str  #: the Retail Prices API's unitOfMeasure: 1 GB/Month, 1/Month, 1 GiB/Hour
    quantity: Range | None  #: None: not known, for the reason in `basis`
    source: Source
    basis: str  #: how the quantity came about, as a sentence
    optional: bool = False  #: its absence does not make a plan incomplete
    #: The dearer meter that may be billed instead: it prices the high end, where it has a price.
    or_meter: Meter | None = None


class Line(NamedTuple):
    """One row of the bill: a usage with its price.

    `unit_price` and `monthly` are None exactly when `missing` names what is missing.
    """

    usage: Usage
    unit_price: Decimal | None
    monthly: Range | None
    missing: str = ""
    origin: PriceOrigin = PriceOrigin.LISTED
    true_on: str = ""  #: the date the price was true
    why: str = ""  #: of a price that is not listed: the sentence why it may stand here


class Monthly(NamedTuple):
    """What a plan costs a month.

    `low` is the sum of the known lines: a floor when `missing` is not empty, and then
    `likely` and `high` are None.
    """

    currency: str
    low: Decimal
    likely: Decimal | None
    high: Decimal | None
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.missing


Configuration = Mapping[str, Any]
"""Keyed by `vmbackup estimate`'s flags with underscores, with the same lower-case values."""


class Proposal(NamedTuple):
    """One option in one configuration, before pricing."""

    option: str
    configuration: Configuration
    verdict: Verdict
    reasons: tuple[Reason, ...]
    tiers: tuple[PointTier, ...]
    usages: tuple[Usage, ...]
    notes: tuple[str, ...] = ()  #: sentences worth knowing: what an event's null means
    order: tuple[object, ...] = ()  #: among equals of the option, the plainest first
    phases: tuple[str, ...] = ()  #: of an RTO in two phases: "about 40 min from the last 2 days"
    chosen: Any = None  #: the option's own value behind `configuration`, to bill it anew with
