"""Azure Monitor's metrics of VMs and disks, from what `writes` says they write.

A VM that is not running has none, nor has one before it was made. Shapes: Microsoft.Insights
metrics 2024-02-01.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from deploy.local.azure.calls import RESOURCE_GROUP, Answer, Call, Operation, Refusal
from deploy.local.azure.world import Body
from deploy.local.azure.writes import Rate, by_lun, mean, measured_since, of_disk

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_BYTES_A_WRITE = 16 * 1024
RETENTION = timedelta(days=93)  #: azure-monitor data-platform-metrics, 2024-04
#: How many lines a split answer has unless `top` says otherwise (Metrics - List, 2024-02-01).
DEFAULT_LINES = 10

GRAINS = {
    "PT1M": _MINUTE,
    "PT5M": 5 * _MINUTE,
    "PT15M": 15 * _MINUTE,
    "PT30M": 30 * _MINUTE,
    "PT1H": _HOUR,
    "PT6H": 6 * _HOUR,
    "PT12H": 12 * _HOUR,
    "P1D": 24 * _HOUR,
}


class Metric(NamedTuple):
    """One metric: `part` is os, data or all; `per_write` divides bytes into operations."""

    name: str
    unit: str
    part: str
    factor: float
    per_write: int = 1


_RATE, _COUNT = "BytesPerSecond", "CountPerSecond"
_VM_METRICS = (
    Metric("Percentage CPU", "Percent", "all", 4e-6),
    Metric("OS Disk Write Bytes/Sec", _RATE, "os", 1),
    Metric("OS Disk Read Bytes/Sec", _RATE, "os", 1.7),
    Metric("OS Disk Write Operations/Sec", _COUNT, "os", 1, _BYTES_A_WRITE),
    Metric("OS Disk Read Operations/Sec", _COUNT, "os", 1.7, _BYTES_A_WRITE),
    Metric("Data Disk Write Bytes/Sec", _RATE, "data", 1),
    Metric("Data Disk Read Bytes/Sec", _RATE, "data", 2.4),
    Metric("Data Disk Write Operations/Sec", _COUNT, "data", 1, _BYTES_A_WRITE),
    Metric("Data Disk Read Operations/Sec", _COUNT, "data", 2.4, _BYTES_A_WRITE),
)
_DISK_METRICS = (
    Metric("Composite Disk Write Bytes/sec", _RATE, "all", 1),
    Metric("Composite Disk Read Bytes/sec", _RATE, "all", 2),
    Metric("Composite Disk Write Operations/sec", _COUNT, "all", 1, _BYTES_A_WRITE),
    Metric("Composite Disk Read Operations/sec", _COUNT, "all", 2, _BYTES_A_WRITE),
)
_VM_TYPE, _DISK_TYPE = "Microsoft.Compute/virtualMachines", "Microsoft.Compute/disks"
METRICS = {_VM_TYPE.lower(): _VM_METRICS, _DISK_TYPE.lower(): _DISK_METRICS}
_AGGREGATIONS = ("average", "minimum", "maximum", "total", "count")
_LUN = re.compile(r"\s*LUN\s+eq\s+'([^']*)'\s*", re.IGNORECASE)
_CPU_CEILING = 96.0


class Span(NamedTuple):
    """The time looked at, in steps."""

    start: datetime
    end: datetime
    grain: str  #: as asked for
    step: timedelta

    @property
    def moments(self) -> Iterable[datetime]:
        at = self.start
        while at < self.end:
            yield at
            at += self.step


class Line(NamedTuple):
    """One time series: what it is split by, and its bytes a second at any hour."""

    lun: str
    at: Rate


def metrics(call: Call) -> Answer:
    """The metrics asked for; raises Refusal as Azure Monitor words it."""
    body = _resource(call)
    span = _span(call)
    known = METRICS[body["type"].lower()]
    asked = [name.strip() for name in call.query.get("metricnames", known[0].name).split(",")]
    chosen = [_metric(body, known, name) for name in asked]
    aggregations = _aggregations(call)
    minutes = int((span.end - span.start) / _MINUTE)
    answer: Body = {
        "cost": max(0, minutes - 1) * len(chosen),
        "timespan": f"{_moment(span.start)}/{_moment(span.end)}",
        "interval": span.grain,
        "value": [_value(call, body, metric, span, aggregations) for metric in chosen],
        "namespace": body["type"].lower(),
        "resourceregion": body["location"],
    }
    return Answer(200, answer)


#: Metrics Batch - Batch, 2024-02-01.
MOST_IDS = 50


def batch(call: Call) -> Answer:
    """The metrics of many resources of one subscription and region, at the region's own host.

    The host is the first folder here. How a batch of the wrong region or of too many ids is refused
    is assumed; the shape of the answer is that of the published example.
    """
    ids = call.fields.get("resourceids")
    if not isinstance(ids, list) or not 0 < len(ids) <= MOST_IDS:
        raise _bad(f"The number of resource ids must be between 1 and {MOST_IDS}.")
    if "timespan" in call.query:
        raise _bad("Please use only starttime and endtime to specify a time range.")
    for name in ("starttime", "endtime", "metricnamespace", "metricnames"):
        if not call.query.get(name):
            raise _bad(f"The query parameter {name} is required.")
    subscription = f"/subscriptions/{call.params['subscription']}/".lower()
    region = call.params["host"].partition(".")[0].lower()
    values = []
    for arm_id in map(str, ids):
        body = call.world.get(arm_id)
        if body is None or not arm_id.lower().startswith(subscription):
            raise _bad(f"The resource {arm_id} is not of this subscription.")
        if body["location"] != region:
            raise _bad(f"The resource {arm_id} is not of the region {region}.")
        values.append(_of_batch(call, body))
    return Answer(200, {"values": values})


def _of_batch(call: Call, body: Body) -> Body:
    """One resource of a batch: what the single reading answers, in a batch's frame."""
    query = {name: value for name, value in call.query.items() if name != "filter"}
    query |= {"timespan": f"{call.query['starttime']}/{call.query['endtime']}"}
    if asked := call.query.get("filter"):
        query["$filter"] = asked
    single = replace(call, path=body["id"], query=query)
    span, found = _span(single), metrics(single).body
    return {
        "starttime": _moment(span.start),
        "endtime": _moment(span.end),
        "interval": found["interval"],
        "value": found["value"],
        "namespace": found["namespace"],
        "resourceregion": found["resourceregion"],
        "resourceid": body["id"],
    }


def definitions(call: Call) -> Answer:
    """What metrics a VM or a disk has."""
    body = _resource(call)
    known = METRICS[body["type"].lower()]
    return Answer(200, {"value": [_definition(body, metric) for metric in known]})


# --- what is asked for -----------------------------------------------------------------------


def _resource(call: Call) -> Body:
    arm_id = re.split(r"/providers/microsoft\.insights/", call.path, flags=re.IGNORECASE)[0]
    body = call.world.get(arm_id)
    if body is None:
        kind, name = arm_id.split("/providers/")[-1].rsplit("/", 1)
        raise Refusal(
            404,
            "ResourceNotFound",
            f"The Resource '{kind}/{name}' under resource group '{call.params['group']}' was not "
            "found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
            headers={"x-ms-failure-cause": "gateway"},
        )
    return body


def _bad(message: str) -> Refusal:
    """Azure Monitor's own error shape has no `error` around it."""
    return Refusal(400, "BadRequest", message, body={"code": "BadRequest", "message": message})


def _metric(body: Body, known: Sequence[Metric], name: str) -> Metric:
    for metric in known:
        if metric.name.lower() == name.lower():
            return metric
    provider, _, kind = body["type"].partition("/")
    valid = ",".join(metric.name for metric in known)
    raise _bad(
        f"Failed to find metric configuration for provider: {provider}, resource Type: {kind}, "
        f"metric: {name}, Valid metrics: {valid}"
    )


def _aggregations(call: Call) -> list[str]:
    asked = [one.strip().lower() for one in call.query.get("aggregation", "average").split(",")]
    for one in asked:
        if one not in _AGGREGATIONS:
            raise _bad(f"Detected invalid aggregation input: {one}")
    return asked


def _span(call: Call) -> Span:
    now = call.world.now
    text = call.query.get("timespan")
    start, end = _times(text) if text else (now - _HOUR, now)
    grain = call.query.get("interval", "PT1M").upper()
    if grain == "FULL":
        return Span(start, end, _duration(end - start), end - start)
    if grain not in GRAINS:
        raise _bad(f"Detected invalid time grain input: {grain}, supported: {', '.join(GRAINS)}")
    step = GRAINS[grain]
    seconds = step.total_seconds()
    began = datetime.fromtimestamp(start.timestamp() // seconds * seconds, UTC)
    return Span(max(began, now - RETENTION), end, grain, step)


def _times(text: str) -> tuple[datetime, datetime]:
    try:
        start, end = (datetime.fromisoformat(part) for part in text.split("/"))
    except ValueError as error:
        raise _bad(f"Detected invalid timespan input: {text}") from error
    times = [one if one.tzinfo else one.replace(tzinfo=UTC) for one in (start, end)]
    if times[0] >= times[1]:
        raise _bad(f"Start time cannot be later than or equal to end time: {text}")
    return times[0], times[1]


# --- what is answered ------------------------------------------------------------------------


def _value(call: Call, body: Body, metric: Metric, span: Span, aggregations: Sequence[str]) -> Body:
    is_metadata = call.query.get("resultType", "data").lower() == "metadata"
    measured = _measured(call, body)
    series = []
    for line in _lines(call, body, metric):
        one: Body = {"metadatavalues": _metadata(line)}
        if not is_metadata:
            one["data"] = [
                {"timeStamp": _moment(at)}
                | (_point(metric, line, at, span.step, aggregations) if at in measured else {})
                for at in span.moments
            ]
        series.append(one)
    return {
        "id": f"{body['id']}/providers/Microsoft.Insights/metrics/{metric.name}",
        "type": "Microsoft.Insights/metrics",
        "name": {"value": metric.name, "localizedValue": metric.name},
        "displayDescription": _told(metric),
        "unit": metric.unit,
        "timeseries": series,
        "errorCode": "Success",
    }


def _told(metric: Metric) -> str:
    return f"{metric.name} of the resource, as this stand-in makes it up."


def _metadata(line: Line) -> list[Body]:
    if not line.lun:
        return []
    return [{"name": {"value": "lun", "localizedValue": "lun"}, "value": line.lun}]


def _lines(call: Call, body: Body, metric: Metric) -> list[Line]:
    """Split by LUN where the filter asks for it; else one line, the mean over the disks."""
    asked = _luns(call)
    if body["type"].lower() == _DISK_TYPE.lower():
        return [Line("", of_disk(call.world, body))]
    luns = by_lun(body)
    if metric.part == "os":
        return [Line("", luns[""])]
    data = {lun: at for lun, at in luns.items() if lun}
    if metric.part == "data" and asked:
        wanted = [lun for lun in data if "*" in asked or lun in asked]
        top = int(call.query.get("top", DEFAULT_LINES))
        return [Line(lun, data[lun]) for lun in wanted][:top]
    parts = list((data if metric.part == "data" else luns).values())
    return [Line("", mean(parts))] if parts else []


def _luns(call: Call) -> list[str]:
    text = call.query.get("$filter", "")
    parts = re.split(r"\s+or\s+", text) if text else []
    found = [_LUN.fullmatch(part) for part in parts]
    if not all(found):
        raise _bad(f"Invalid filter: {text}")
    return [one[1] for one in found if one]


class _Measured(NamedTuple):
    """When something was measured; nothing is, ahead of the world's time."""

    start: datetime | None
    end: datetime

    def __contains__(self, at: object) -> bool:
        return isinstance(at, datetime) and self.start is not None and self.start <= at < self.end


def _measured(call: Call, body: Body) -> _Measured:
    return _Measured(measured_since(call.world, body), call.world.now)


def _point(
    metric: Metric, line: Line, at: datetime, step: timedelta, aggregations: Sequence[str]
) -> Body:
    """What was measured from one moment to the next."""
    hours = max(1, round(step / _HOUR))
    samples = [line.at(at + number * _HOUR) for number in range(hours)]
    average = sum(samples) / len(samples) * metric.factor / metric.per_write
    if metric.unit == "Percent":
        average = min(average, _CPU_CEILING)
    count = max(1, int(step / _MINUTE))
    values = {
        "average": average,
        "minimum": average * 0.7,
        "maximum": max(samples) * metric.factor / metric.per_write * 1.3,
        "total": average * count,
        "count": float(count),
    }
    return {name: round(values[name], 6) for name in aggregations}


def _definition(body: Body, metric: Metric) -> Body:
    dimensions = [{"value": "LUN", "localizedValue": "LUN"}] if metric.part == "data" else None
    base = f"{body['id']}/providers/microsoft.insights"
    made: Body = {
        "id": f"{base}/metricdefinitions/{metric.name}",
        "resourceId": body["id"],
        "namespace": body["type"],
        "name": {"value": metric.name, "localizedValue": metric.name},
        "displayDescription": _told(metric),
        "isDimensionRequired": False,
        "unit": metric.unit,
        "primaryAggregationType": "Average",
        "supportedAggregationTypes": ["Average", "Minimum", "Maximum", "Total", "Count"],
        "metricAvailabilities": [
            {"timeGrain": grain, "retention": f"P{RETENTION.days}D"} for grain in GRAINS
        ],
    }
    return made | ({"dimensions": dimensions} if dimensions else {})


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _duration(span: timedelta) -> str:
    minutes = int(span / _MINUTE)
    hours, rest = divmod(minutes, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest or not hours else "")


def _rows(kind: str, parameter: str) -> Iterable[Operation]:
    base = f"{RESOURCE_GROUP}/providers/{kind}/{{{parameter}}}/providers/Microsoft.Insights"
    yield Operation("Metrics_List", "GET", f"{base}/metrics", metrics)
    yield Operation("MetricDefinitions_List", "GET", f"{base}/metricDefinitions", definitions)


_BATCH = "/{host}/subscriptions/{subscription}/metrics:getBatch"
OPERATIONS = (
    *_rows(_VM_TYPE, "vm"),
    *_rows(_DISK_TYPE, "disk"),
    Operation("Metrics_Batch", "POST", _BATCH, batch),
)
