"""Lists that come in pages: whether all of them are there.

Resource Graph says how many rows the whole answer has, so that nothing can be left out unseen. A
page of ARM (`nextLink`) and one of Search-AzGraph (`SkipToken`) say only that another follows:
of these the last page must be there, for the same kind of thing in the same subscription.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from advisor.errors import InputUnreadable

HOW_TO_PAGE = (
    "Ask for up to 1,000 rows with --first 1000, and for each further page with --skip-token; "
    "then name the files of all pages together."
)
_HOW_TO_FOLLOW = (
    "Read that address too (az rest --url with it), as far as the page that has no nextLink, and "
    "name the files of all pages together."
)


class ListPage(NamedTuple):
    """One page of a list."""

    source: str
    total: int | None  #: of the whole answer; None where it does not say
    ids: frozenset[str]  #: lower-cased
    of: frozenset[tuple[str, str]]  #: kinds of its rows and, of ARM, their subscriptions
    rows: int
    more: bool  #: it says that another page follows
    place: str = "$"  #: where it says so


def refuse_partial(pages: Sequence[ListPage]) -> None:
    """Refuse lists of which not all pages are there; several files may hold the pages."""
    partial: dict[int, list[ListPage]] = defaultdict(list)
    last = [page for page in pages if page.total is None and not page.more]
    for page in pages:
        if page.total is None:
            if page.more and not any(page.of & other.of for other in last):
                _refuse(page)
        elif page.more or page.rows < page.total:
            partial[page.total].append(page)
    for total, parts in partial.items():
        distinct = {one for page in parts for one in page.ids}
        if len(distinct) != total or sum(not page.more for page in parts) != 1:
            _refuse(min(parts, key=lambda page: page.source))


def _refuse(page: ListPage) -> NoReturn:
    if page.place.endswith("nextLink"):
        problem = (
            "nextLink says that more pages follow, and the last of them is in no file that was "
            f"named. {_HOW_TO_FOLLOW}"
        )
        raise InputUnreadable(page.source, page.place, problem)
    of = f" of {page.total:,}" if page.total is not None else ""
    rows = "row" if page.rows == 1 and not of else "rows"
    problem = f"It holds {page.rows:,}{of} {rows}; the rest was not supplied. {HOW_TO_PAGE}"
    raise InputUnreadable(page.source, page.place, problem)
