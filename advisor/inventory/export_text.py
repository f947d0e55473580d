"""From the text of an export to its rows: the shapes a list comes in, and whether it is whole."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, NoReturn

from advisor.errors import InputUnreadable
from advisor.inventory.fields import Fields

BUNDLE_VERSION = 1
_MORE = ("skip_token", "skipToken", "$skipToken")
_HOW_TO_PAGE = (
    "Ask for up to 1,000 rows with --first 1000, and for each further page with --skip-token; "
    "then name the files of all pages together."
)


@dataclass(frozen=True, slots=True)
class NamedText:
    """The text of one export and what to call it: a file's name, or “standard input”."""

    name: str
    text: str


class ExportRow(NamedTuple):
    """One resource as it was printed, and where."""

    source: str
    place: str
    body: Mapping[str, Any]
    from_graph: bool  #: of Resource Graph: of everything one may see
    listed: bool  #: one of a list, not printed alone


class GraphPage(NamedTuple):
    """One page of a Resource Graph answer."""

    source: str
    total: int | None  #: of the whole answer; None where it does not say
    ids: tuple[str, ...]
    more: bool  #: it says that another page follows


class OpenedExport(NamedTuple):
    """The rows of one text, and what the text says of itself.

    `read`: the parts that a bundle says were read for everything; `taken`: when, where it says
    so. `nothing`: it holds no row and does not say of what.
    """

    source: str
    rows: tuple[ExportRow, ...]
    read: tuple[str, ...] = ()
    taken: datetime | None = None
    page: GraphPage | None = None
    nothing: bool = False


def open_text(named: NamedText) -> OpenedExport:
    """The rows of one text. Raises InputUnreadable for damage or a shape that is not known."""
    whole = _parsed(named)
    if isinstance(whole, list):
        return _of_list(named.name, whole)
    if not isinstance(whole, dict):
        raise InputUnreadable(named.name, "$", "This must be a list of resources, or one of them.")
    if "error" in whole and "id" not in whole:
        raise InputUnreadable(named.name, "$.error", _azure_error(whole["error"]))
    if "vmbackup" in whole:
        return _of_bundle(named.name, whole)
    if "data" in whole:
        return _of_graph(named.name, whole)
    if "value" in whole and "id" not in whole:
        return _of_rest(named.name, whole)
    return OpenedExport(named.name, (ExportRow(named.name, "$", whole, False, False),))


def refuse_partial(opened: Sequence[OpenedExport]) -> None:
    """Refuse answers of which not all pages are there; several files may hold the pages."""
    partial: dict[int, list[GraphPage]] = defaultdict(list)
    for page in (one.page for one in opened if one.page):
        if page.more or page.total is None or len(page.ids) < page.total:
            if page.total is None:
                _refuse_page(page)
            partial[page.total].append(page)
    for total, pages in partial.items():
        distinct = {one for page in pages for one in page.ids}
        if len(distinct) != total or sum(not page.more for page in pages) != 1:
            _refuse_page(min(pages, key=lambda page: page.source))


def _parsed(named: NamedText) -> Any:
    if not named.text.strip():
        raise InputUnreadable(named.name, "", "It is empty. Make the export again.")
    try:
        return json.loads(named.text, parse_constant=_not_json)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        problem = f"This is not JSON: {error.msg}. It may be cut short; make the export again."
        raise InputUnreadable(named.name, place, problem) from error
    except RecursionError as error:
        problem = "It is nested deeper than any export. Make the export again."
        raise InputUnreadable(named.name, "", problem) from error
    except ValueError as error:
        raise InputUnreadable(named.name, "", f"This cannot be read as JSON: {error}.") from error


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number in JSON")


def _of_list(source: str, values: Sequence[Any]) -> OpenedExport:
    rows = tuple(_rows(source, "$", values, from_graph=False))
    return OpenedExport(source, rows, nothing=not rows)


def _of_bundle(source: str, whole: Mapping[str, Any]) -> OpenedExport:
    """`{"vmbackup": {"version": 1, "read": [...], "taken": TIME}, "resources": [...]}`."""
    said = whole["vmbackup"]
    if not isinstance(said, Mapping) or said.get("version") != BUNDLE_VERSION:
        raise InputUnreadable(
            source, "$.vmbackup.version", f"version must be {BUNDLE_VERSION}, the one we know."
        )
    read = said.get("read", [])
    if not isinstance(read, list) or not all(isinstance(one, str) for one in read):
        raise InputUnreadable(source, "$.vmbackup.read", "read must be a list of texts.")
    values = whole.get("resources")
    if not isinstance(values, list):
        raise InputUnreadable(source, "$.resources", "resources must be a list of resources.")
    rows = tuple(_rows(source, "$.resources", values, from_graph=True))
    taken = Fields(said, source, "$.vmbackup").moment("taken")
    return OpenedExport(source, rows, tuple(read), taken, nothing=not rows and not read)


def _of_graph(source: str, whole: Mapping[str, Any]) -> OpenedExport:
    data = whole["data"]
    if isinstance(data, Mapping):
        values, place = _table(source, data), "$.data.rows"
    elif isinstance(data, list):
        values, place = data, "$.data"
    else:
        raise InputUnreadable(source, "$.data", "data must be a list, or columns with rows.")
    if str(whole.get("resultTruncated")).lower() == "true":
        problem = f"resultTruncated is true: Azure left rows out. {_HOW_TO_PAGE}"
        raise InputUnreadable(source, "$.resultTruncated", problem)
    count = whole.get("count")
    if isinstance(count, int) and count != len(values):
        problem = f"count is {count:,}, but there are {len(values):,} rows: it was cut short."
        raise InputUnreadable(source, "$.count", problem)
    rows = tuple(_rows(source, place, values, from_graph=True))
    return OpenedExport(source, rows, page=_page(source, whole, rows), nothing=not rows)


def _table(source: str, data: Mapping[str, Any]) -> list[Any]:
    """The rows of the table format as objects."""
    columns, rows = data.get("columns"), data.get("rows")
    if not isinstance(columns, list) or not isinstance(rows, list):
        raise InputUnreadable(source, "$.data", "data must hold the lists columns and rows.")
    names = [one.get("name") if isinstance(one, Mapping) else None for one in columns]
    if not all(isinstance(name, str) for name in names):
        raise InputUnreadable(source, "$.data.columns", "Each of the columns must have a name.")
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(names):
            place = f"$.data.rows[{number}]"
            problem = f"This must be a list of {len(names)} values, one for each of the columns."
            raise InputUnreadable(source, place, problem)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _page(source: str, whole: Mapping[str, Any], rows: Sequence[ExportRow]) -> GraphPage:
    total = whole.get("total_records", whole.get("totalRecords"))
    if total is not None and (not isinstance(total, int) or isinstance(total, bool)):
        raise InputUnreadable(source, "$.totalRecords", "totalRecords must be a whole number.")
    more = any(whole.get(key) for key in _MORE)
    known = len(rows) if total is None and not more else total
    ids = tuple(str(row.body.get("id", row.place)).lower() for row in rows)
    return GraphPage(source, known, ids, more)


def _of_rest(source: str, whole: Mapping[str, Any]) -> OpenedExport:
    if not isinstance(whole["value"], list):
        raise InputUnreadable(source, "$.value", "value must be a list of resources.")
    if whole.get("nextLink"):
        problem = "nextLink says that more pages follow. Read them too, into one list."
        raise InputUnreadable(source, "$.nextLink", problem)
    rows = tuple(_rows(source, "$.value", whole["value"], from_graph=False))
    return OpenedExport(source, rows, nothing=not rows)


def _rows(
    source: str, place: str, values: Sequence[Any], *, from_graph: bool
) -> Iterator[ExportRow]:
    for number, value in enumerate(values):
        here = f"{place}[{number}]"
        if not isinstance(value, Mapping):
            raise InputUnreadable(source, here, "This must be an object, one resource.")
        yield ExportRow(source, here, value, from_graph or _graph_type(value), True)


def _graph_type(value: Mapping[str, Any]) -> bool:
    """Resource Graph writes types in lower case (`--query data` leaves its envelope out)."""
    written = value.get("type")
    return isinstance(written, str) and written != "" and written == written.lower()


def _refuse_page(page: GraphPage) -> NoReturn:
    of = f" of {page.total:,}" if page.total is not None else ""
    problem = f"It holds {len(page.ids):,}{of} rows; the rest was not supplied. {_HOW_TO_PAGE}"
    raise InputUnreadable(page.source, "$", problem)


def _azure_error(error: Any) -> str:
    body = error if isinstance(error, Mapping) else {}
    code = str(body.get("code") or "an error")[:80]
    return f"Azure answered with {code}, not with resources. Make the export again."
