"""Cost Management's query: costs of a scope, grouped, filtered, by day or month, in pages."""

from __future__ import annotations

import base64
import struct
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from deploy.local.azure.access import allowed
from deploy.local.azure.billing import CURRENCY, Bills, Charge
from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation, Refusal
from deploy.local.azure.throttle import QueryUnits
from deploy.local.azure.world import Body, World

_DAYS_BY_DAY = 31  #: the longest time a Daily query may cover here (facts: UI guardrail)
_DIMENSIONS: Mapping[str, tuple[str, Callable[[Charge], str]]] = {
    "resourceid": ("ResourceId", lambda charge: charge.resource_id),
    "resourcegroup": ("ResourceGroup", lambda charge: _part(charge, 4)),
    "resourcegroupname": ("ResourceGroupName", lambda charge: _part(charge, 4)),
    "resourcetype": ("ResourceType", lambda charge: charge.resource_type),
    "resourcelocation": ("ResourceLocation", lambda charge: charge.region),
    "subscriptionid": ("SubscriptionId", lambda charge: _part(charge, 2)),
    "metercategory": ("MeterCategory", lambda charge: charge.category),
    "metersubcategory": ("MeterSubcategory", lambda charge: charge.subcategory),
    "meter": ("Meter", lambda charge: charge.meter),
    "servicename": ("ServiceName", lambda charge: charge.category),
    "unitofmeasure": ("UnitOfMeasure", lambda charge: charge.unit),
    "chargetype": ("ChargeType", lambda charge: charge.kind),
    "publishertype": ("PublisherType", lambda charge: "Azure"),
}
_COSTS = ("pretaxcost", "cost", "costusd", "pretaxcostusd")
_QUANTITY = "usagequantity"
#: "Query can have up to 2 group by clauses", and as many aggregations (query's documentation,
#: 2025-03-01); how Azure words the refusal is assumed.
_MOST = 2
_TYPES = ("usage", "actualcost", "amortizedcost")


@dataclass
class CostPages:
    """How many rows a page has; Azure gives up to 5,000."""

    rows: int = 5000


class _Asked(NamedTuple):
    """A query, read: `days` from the first to the last, both in."""

    first: date
    last: date
    granularity: str
    aggregations: Sequence[str]
    grouping: Sequence[tuple[str, Callable[[Charge], str]]]
    keeps: Callable[[Charge], bool]
    sorting: Sequence[tuple[str, bool]]


def query(call: Call) -> Answer:
    """The costs of the scope in the path."""
    asked = _asked(call)
    may, headers = call.world.part(QueryUnits).take(_units(asked))
    if not may:
        message = "Too many requests. Please retry."
        raise Refusal(429, "429", message, headers=headers)
    charges = _in_scope(call)
    if not charges:
        return Answer(204, None, headers)
    columns, rows = _table(asked, charges, call.world)
    return Answer(200, _page(call, columns, rows), headers)


# --- what is asked for -----------------------------------------------------------------------


def _bad(message: str) -> Refusal:
    return Refusal(400, "BadRequest", message)


def _asked(call: Call) -> _Asked:
    body = call.body
    if str(body.get("type", "")).lower() not in _TYPES:
        raise _bad(f"Invalid query definition: type must be one of {', '.join(_TYPES)}.")
    dataset = body.get("dataset") or {}
    first, last = _days(body, call.world.now)
    granularity = str(dataset.get("granularity") or "None")
    if granularity not in ("None", "Daily", "Monthly"):
        raise _bad(f"Invalid dataset granularity: '{granularity}'; valid: None, Daily, Monthly.")
    if granularity == "Daily" and (last - first).days > _DAYS_BY_DAY:
        raise _bad(f"A Daily query may cover at most {_DAYS_BY_DAY} days.")
    aggregations = [_aggregation(one) for one in (dataset.get("aggregation") or _DEFAULT).values()]
    grouping = [_grouping(call, one) for one in dataset.get("grouping") or ()]
    for name, found in (("grouping", grouping), ("aggregation", aggregations)):
        if len(found) > _MOST:
            raise _bad(f"Invalid dataset {name}: at most {_MOST} are allowed, {len(found)} given.")
    return _Asked(
        first,
        last,
        granularity,
        aggregations,
        grouping,
        _filter(dataset.get("filter") or {}),
        [
            (str(one.get("name")), str(one.get("direction", "")).lower().startswith("desc"))
            for one in dataset.get("sorting") or ()
        ],
    )


_DEFAULT = {"totalCost": {"name": "PreTaxCost", "function": "Sum"}}


def _days(body: Body, now: datetime) -> tuple[date, date]:
    frame, today = str(body.get("timeframe", "")), now.date()
    month = today.replace(day=1)
    if frame in ("MonthToDate", "BillingMonthToDate"):
        return month, today
    if frame in ("TheLastMonth", "TheLastBillingMonth"):
        last = month - timedelta(days=1)
        return last.replace(day=1), last
    if frame == "WeekToDate":
        return today - timedelta(days=today.weekday()), today
    if frame != "Custom":
        raise _bad(f"Invalid query definition: timeframe '{frame}' is not known.")
    period = body.get("timePeriod") or {}
    try:
        first, last = (datetime.fromisoformat(str(period[key])).date() for key in ("from", "to"))
    except (KeyError, ValueError) as error:
        raise _bad("Invalid query definition: timePeriod needs from and to.") from error
    if last < first:
        raise _bad("Invalid query definition: timePeriod ends before it begins.")
    return first, last


def _aggregation(one: Body) -> str:
    name, function = str(one.get("name", "")), str(one.get("function", ""))
    if name.lower() not in (*_COSTS, _QUANTITY) or function.lower() != "sum":
        raise _bad(f"Invalid dataset aggregation: '{name}' with function '{function}'.")
    return name


def _grouping(call: Call, one: Body) -> tuple[str, Callable[[Charge], str]]:
    name = str(one.get("name", ""))
    if str(one.get("type", "")).lower() == "tagkey":
        return name, lambda charge: charge.tags.get(name, "")
    known = _DIMENSIONS.get(name.lower())
    if known is None:
        valid = ",".join(shown for shown, _ in _DIMENSIONS.values())
        raise _bad(f"Invalid dataset grouping: '{name}'; valid values: '{valid}'.")
    if name.lower() == "resourceid" and "subscription" not in call.params:
        raise _bad("Grouping by ResourceId is not supported above the scope of a subscription.")
    return name, known[1]


def _filter(node: Body) -> Callable[[Charge], bool]:
    """`and`, `or`, a dimension or a tag, as they may be nested."""
    if parts := node.get("and"):
        inner = [_filter(part) for part in parts]
        return lambda charge: all(keeps(charge) for keeps in inner)
    if parts := node.get("or"):
        inner = [_filter(part) for part in parts]
        return lambda charge: any(keeps(charge) for keeps in inner)
    if found := node.get("dimensions") or node.get("Dimensions"):
        known = _DIMENSIONS.get(str(found.get("name", "")).lower())
        if known is None:
            raise _bad(f"Invalid dataset filter: dimension '{found.get('name')}' is not known.")
        return _among(known[1], found)
    if found := node.get("tags"):
        name = str(found.get("name", ""))
        return _among(lambda charge: charge.tags.get(name, ""), found)
    return lambda charge: True


def _among(value: Callable[[Charge], str], found: Body) -> Callable[[Charge], bool]:
    if str(found.get("operator", "In")).lower() != "in":
        raise _bad(f"Invalid dataset filter: operator '{found.get('operator')}'.")
    wanted = {str(one).lower() for one in found.get("values") or ()}
    return lambda charge: value(charge).lower() in wanted


def _units(asked: _Asked) -> int:
    """One for each month looked at."""
    return (asked.last.year - asked.first.year) * 12 + asked.last.month - asked.first.month + 1


# --- what is answered ------------------------------------------------------------------------


def _part(charge: Charge, place: int) -> str:
    parts = charge.resource_id.split("/")
    return parts[place] if len(parts) > place else ""


def _in_scope(call: Call) -> list[Charge]:
    """The charges at or below the scope, without what may not be read."""
    scope = ""
    if subscription := call.params.get("subscription"):
        scope = f"/subscriptions/{subscription}/".lower()
    if group := call.params.get("group"):
        scope += f"resourcegroups/{group}/".lower()
    charges = call.world.part(Bills).charges(call.world)
    return [
        charge
        for charge in charges
        if charge.resource_id.startswith(scope)
        and (not call.world.forbidden or allowed(call.world, charge.resource_id))
    ]


def _table(
    asked: _Asked, charges: Sequence[Charge], world: World
) -> tuple[list[Body], list[list[Any]]]:
    columns = [{"name": name, "type": "Number"} for name in asked.aggregations]
    columns += [{"name": name, "type": "String"} for name, _ in asked.grouping]
    if asked.granularity == "Daily":
        columns.append({"name": "UsageDate", "type": "Number"})
    elif asked.granularity == "Monthly":
        columns.append({"name": "BillingMonth", "type": "Datetime"})
    columns.append({"name": "Currency", "type": "String"})
    sums = _sums(asked, charges, world.now)
    rows = [
        [*(float(total) for total in totals), *key, CURRENCY]
        for key, totals in sorted(sums.items(), key=lambda pair: tuple(map(str, pair[0])))
    ]
    return columns, _sorted(asked, columns, rows)


def _sums(
    asked: _Asked, charges: Sequence[Charge], now: datetime
) -> dict[tuple[Any, ...], list[Decimal]]:
    sums: dict[tuple[Any, ...], list[Decimal]] = defaultdict(
        lambda: [Decimal(0)] * len(asked.aggregations)
    )
    fell = (each for each in charges if each.since <= asked.last and each.until >= asked.first)
    for charge in filter(asked.keeps, fell):
        group = tuple(value(charge) for _, value in asked.grouping)
        for when, days in _periods(asked, charge, now):
            totals = sums[(*group, *when)]
            for place, name in enumerate(asked.aggregations):
                daily = charge.quantity if name.lower() == _QUANTITY else charge.amount
                totals[place] += daily * days
    return sums


def _periods(
    asked: _Asked, charge: Charge, now: datetime
) -> Iterator[tuple[tuple[Any, ...], Decimal]]:
    """The days, months or the whole of the time in which a charge fell, with how many days."""
    first, last = max(asked.first, charge.since), min(asked.last, charge.until, now.date())
    found: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    day = first
    while day <= last:
        found[_label(asked.granularity, day)] += _share(day, now)
        day += timedelta(days=1)
    yield from found.items()


def _label(granularity: str, day: date) -> tuple[Any, ...]:
    if granularity == "Daily":
        return (int(day.strftime("%Y%m%d")),)
    return (f"{day:%Y-%m}-01T00:00:00",) if granularity == "Monthly" else ()


def _share(day: date, now: datetime) -> Decimal:
    """A whole day, or as much of today as is over, in hours."""
    if day != now.date():
        return Decimal(1)
    return Decimal(now.astimezone(UTC).hour) / 24


def _sorted(asked: _Asked, columns: Sequence[Body], rows: list[list[Any]]) -> list[list[Any]]:
    names = [column["name"] for column in columns]
    for name, is_descending in reversed(asked.sorting):
        if name not in names:
            raise _bad(f"Invalid dataset sorting: '{name}' is not a column of the result.")
        place = names.index(name)
        rows.sort(key=lambda row: row[place], reverse=is_descending)
    return rows


def _page(call: Call, columns: list[Body], rows: list[list[Any]]) -> Body:
    """One page; `nextLink` is to be POSTed, with the same body."""
    size = call.world.part(CostPages).rows
    number = _number(call.query.get("$skiptoken", ""))
    shown, is_more = rows[number * size : (number + 1) * size], (number + 1) * size < len(rows)
    link = None
    if is_more:
        token = base64.b64encode(struct.pack("<I", number + 1)).decode().replace("=", "%3D")
        version = call.query.get("api-version", "")
        link = f"{call.base_url}{call.path}?api-version={version}&$skiptoken={token}"
    name = call.world.new_guid()
    scope = call.path.strip("/").rpartition("/")[0]
    return {
        "id": f"{scope}/Query/{name}",
        "name": name,
        "type": "Microsoft.CostManagement/query",
        "location": None,
        "sku": None,
        "eTag": None,
        "properties": {"nextLink": link, "columns": columns, "rows": shown},
    }


def _number(token: str) -> int:
    try:
        return int(struct.unpack("<I", base64.b64decode(token, validate=True))[0]) if token else 0
    except (ValueError, struct.error) as error:
        raise _bad("Invalid skiptoken.") from error


_SCOPES = (
    "/subscriptions/{subscription}",
    RESOURCE_GROUP,
    "/providers/Microsoft.Management/managementGroups/{management_group}",
    "/providers/Microsoft.Billing/billingAccounts/{account}",
    "/providers/Microsoft.Billing/billingAccounts/{account}/billingProfiles/{profile}",
)
OPERATIONS = tuple(
    Operation("Query_Usage", "POST", f"{scope}/providers/Microsoft.CostManagement/query", query)
    for scope in _SCOPES
)
