"""From the text of an export to its rows: the shapes a list comes in, and whether it is whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from advisor.errors import InputUnreadable
from advisor.inventory.arm import kind_of
from advisor.inventory.documents import documents
from advisor.inventory.fields import Fields, list_in
from advisor.inventory.files import NamedText
from advisor.inventory.pages import HOW_TO_PAGE, ListPage
from advisor.inventory.wrong_json import EXPORT, azure_error, not_a_row, not_resources

BUNDLE_VERSION = 1
#: Where Resource Graph stops: 100 rows unless asked for more, 1,000 in any case
#: (governance/resource-graph, work-with-data, 2025). Without the envelope nothing else tells.
GRAPH_STOPS = (100, 1000)
_MORE = ("skip_token", "skiptoken", "$skiptoken")


class ExportRow(NamedTuple):
    """One resource as it was printed, and where."""

    source: str
    place: str
    body: Mapping[str, Any]
    from_graph: bool  #: of Resource Graph: of everything one may see
    listed: bool  #: one of a list, not printed alone


class OpenedExport(NamedTuple):
    """The rows of one text, and what the text says of itself.

    `read`: the parts that a bundle says were read for everything; `taken`: when, where it says
    so. `nothing`: it holds no row and does not say of what.
    """

    source: str
    rows: tuple[ExportRow, ...]
    read: tuple[str, ...] = ()
    taken: datetime | None = None
    page: ListPage | None = None
    nothing: bool = False


def open_text(named: NamedText) -> tuple[OpenedExport, ...]:
    """The lists of one text, and what is printed alone in it as one more.

    Raises InputUnreadable for damage or a shape that is not known.
    """
    opened, alone = list[OpenedExport](), list[ExportRow]()
    for root, whole in documents(named):
        found = _list_in(named.name, root, whole)
        if isinstance(found, OpenedExport):
            opened.append(found)
        else:
            alone.append(found)
    if alone:
        opened.append(OpenedExport(named.name, tuple(alone)))
    return tuple(opened)


def _list_in(source: str, root: str, whole: Any) -> OpenedExport | ExportRow:
    """What one document holds: a list, or a resource that was printed alone."""
    if isinstance(whole, list):
        return _of_list(source, root, whole)
    if not isinstance(whole, dict):
        raise InputUnreadable(source, root, _no_list(whole))
    keys = {key.lower(): key for key in whole}
    if problem := azure_error(whole):
        raise InputUnreadable(source, f"{root}.error" if "error" in keys else root, problem)
    if problem := not_resources(whole):
        raise InputUnreadable(source, root, problem)
    if "vmbackup" in whole:
        return _of_bundle(source, root, whole)
    envelope = {lower: whole[key] for lower, key in keys.items()}
    if "id" not in keys and "data" in keys:
        return _of_graph(source, root, envelope)
    if "id" not in keys and "value" in keys:
        return _of_rest(source, root, envelope)
    return ExportRow(source, root, whole, False, False)


def _no_list(whole: Any) -> str:
    if isinstance(whole, str) and whole.lstrip()[:1] in ("[", "{"):
        return (
            "It is JSON written as a text within JSON: it was converted twice. Convert it once, "
            "with ConvertTo-Json -Depth 20 or with az … -o json alone."
        )
    if whole is None:
        return f"It holds null alone: a --query found nothing. {EXPORT}"
    return f"This must be a list of resources, or one of them. {EXPORT}"


def _of_list(source: str, root: str, values: Sequence[Any]) -> OpenedExport:
    rows = tuple(_rows(source, root, values, from_graph=False))
    if len(rows) in GRAPH_STOPS and all(row.from_graph for row in rows):
        raise InputUnreadable(source, root, _stopped(len(rows)))
    return OpenedExport(source, rows, nothing=not rows)


def _stopped(rows: int) -> str:
    return (
        f"It holds exactly {rows:,} rows of Resource Graph, where a query stops unless it is asked "
        "for more: whether these are all is not known. Export them with --first 1000 and without "
        "--query, or in PowerShell with -First 1000 and the SkipToken: "
        "ConvertTo-Json -Depth 20 -InputObject @{Data = $r.Data; SkipToken = $r.SkipToken}."
    )


def _of_bundle(source: str, root: str, whole: Mapping[str, Any]) -> OpenedExport:
    """`{"vmbackup": {"version": 1, "read": [...], "taken": TIME}, "resources": [...]}`."""
    said = whole["vmbackup"]
    if not isinstance(said, Mapping) or said.get("version") != BUNDLE_VERSION:
        raise InputUnreadable(
            source,
            f"{root}.vmbackup.version",
            f"version must be {BUNDLE_VERSION}, the one we know.",
        )
    read = said.get("read", [])
    if not isinstance(read, list) or not all(isinstance(one, str) for one in read):
        raise InputUnreadable(source, f"{root}.vmbackup.read", "read must be a list of texts.")
    values = whole.get("resources")
    if not isinstance(values, list):
        raise InputUnreadable(source, f"{root}.resources", "resources must be a list of resources.")
    rows = tuple(_rows(source, f"{root}.resources", values, from_graph=True))
    taken = Fields(said, source, f"{root}.vmbackup").moment("taken")
    return OpenedExport(source, rows, tuple(read), taken, nothing=not rows and not read)


def _of_graph(source: str, root: str, whole: Mapping[str, Any]) -> OpenedExport:
    data = whole["data"]
    data = list_in(data, data) if isinstance(data, Mapping) else data
    if isinstance(data, Mapping):
        values, place = _table(source, root, data), f"{root}.data.rows"
    elif isinstance(data, list):
        values, place = data, f"{root}.data"
    else:
        raise InputUnreadable(source, f"{root}.data", "data must be a list, or columns with rows.")
    if str(whole.get("resulttruncated")).lower() == "true":
        problem = f"resultTruncated is true: Azure left rows out. {HOW_TO_PAGE}"
        raise InputUnreadable(source, f"{root}.resultTruncated", problem)
    _refuse_other_count(source, root, whole.get("count"), values)
    rows = tuple(_rows(source, place, values, from_graph=True))
    return OpenedExport(source, rows, page=_page(source, root, whole, rows), nothing=not rows)


def _table(source: str, root: str, data: Mapping[str, Any]) -> list[Any]:
    """The rows of the table format as objects."""
    columns, rows = data.get("columns"), data.get("rows")
    if not isinstance(columns, list) or not isinstance(rows, list):
        raise InputUnreadable(source, f"{root}.data", "data must hold the lists columns and rows.")
    names = [one.get("name") if isinstance(one, Mapping) else None for one in columns]
    if not all(isinstance(name, str) for name in names):
        raise InputUnreadable(
            source, f"{root}.data.columns", "Each of the columns must have a name."
        )
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(names):
            place = f"{root}.data.rows[{number}]"
            problem = f"This must be a list of {len(names)} values, one for each of the columns."
            raise InputUnreadable(source, place, problem)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _page(source: str, root: str, whole: Mapping[str, Any], rows: Sequence[ExportRow]) -> ListPage:
    total = whole.get("total_records", whole.get("totalrecords"))
    if total is not None and (not isinstance(total, int) or isinstance(total, bool)):
        problem = "totalRecords must be a whole number."
        raise InputUnreadable(source, f"{root}.totalRecords", problem)
    more = any(whole.get(key) for key in _MORE)
    kinds = {(kind_of(row.body), "") for row in rows} if total is None else ()
    return ListPage(source, total, _ids(rows), frozenset(kinds), len(rows), more, root)


def _of_rest(source: str, root: str, whole: Mapping[str, Any]) -> OpenedExport:
    """A page of ARM, or a list that Windows PowerShell wrapped with its `Count`."""
    values = whole["value"]
    if not isinstance(values, list):
        raise InputUnreadable(source, f"{root}.value", "value must be a list of resources.")
    if set(whole) == {"value", "count"}:
        _refuse_other_count(source, root, whole["count"], values)
    rows = tuple(_rows(source, f"{root}.value", values, from_graph=False))
    of = frozenset((kind_of(row.body), _subscription(row.body)) for row in rows)
    more = bool(whole.get("nextlink"))
    page = ListPage(source, None, _ids(rows), of, len(rows), more, f"{root}.nextLink")
    return OpenedExport(source, rows, page=page, nothing=not rows and not more)


def _refuse_other_count(source: str, root: str, count: Any, values: Sequence[Any]) -> None:
    if isinstance(count, int) and count != len(values):
        are = "is 1 row" if len(values) == 1 else f"are {len(values):,} rows"
        problem = f"count is {count:,}, but there {are}: it was cut short. Export it again."
        raise InputUnreadable(source, f"{root}.count", problem)


def _ids(rows: Sequence[ExportRow]) -> frozenset[str]:
    return frozenset(str(_arm_id(row.body) or row.place).lower() for row in rows)


def _arm_id(body: Mapping[str, Any]) -> Any:
    return body.get("id", body.get("Id"))


def _subscription(body: Mapping[str, Any]) -> str:
    return str(_arm_id(body)).lower().strip("/").removeprefix("subscriptions/").split("/")[0]


def _rows(
    source: str, place: str, values: Sequence[Any], *, from_graph: bool
) -> Iterator[ExportRow]:
    for number, value in enumerate(values):
        here = f"{place}[{number}]"
        if not isinstance(value, Mapping):
            raise InputUnreadable(source, here, not_a_row(value))
        yield ExportRow(source, here, value, from_graph or graph_type(value), True)


def graph_type(value: Mapping[str, Any]) -> bool:
    """Resource Graph writes types in lower case (`--query data` leaves its envelope out)."""
    written = value.get("type")
    return isinstance(written, str) and written != "" and written == written.lower()
