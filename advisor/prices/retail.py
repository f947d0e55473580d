"""The Azure Retail Prices API: every page of one service in one region, checked and narrowed.

Reads `GET /api/retail/prices` (learn.microsoft.com, azure-retail-prices, 2026-08); no account.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Annotated, Any

import aiohttp
import stamina
from pydantic import BaseModel, Field, ValidationError
from yarl import URL

from advisor.errors import AzureRefused, AzureUnreachable, InputUnreadable
from advisor.loopback import is_loopback
from advisor.prices.book import PriceListPart
from advisor.prices.list_address import checked_origin
from advisor.prices.list_filter import part_filter
from advisor.prices.quote import Key, Quote, key_of
from advisor.prices.scope import is_wanted

_PATH = "/api/retail/prices"
#: A region's services fill one to three pages of 1,000; far beyond that the list is going round.
_MOST_PAGES = 200
_REQUEST_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long a request is tried again. A Retry-After is kept, up to the longest.

    `connect_s`: how long a connection may take; then, as where none comes about, nothing is
    tried again. None: as long as the request, and tried again.
    """

    attempts: int = 6
    first_wait_s: float = 0.5
    longest_wait_s: float = 60.0
    connect_s: float | None = None


class RetailItem(BaseModel):
    """One row of the price list, as far as it is used. Prices are exact decimals."""

    currencyCode: str  # noqa: N815 - the API's own names
    tierMinimumUnits: Annotated[Decimal, Field(ge=0)]  # noqa: N815
    retailPrice: Annotated[Decimal, Field(ge=0)]  # noqa: N815
    armRegionName: str  # noqa: N815
    effectiveStartDate: datetime  # noqa: N815
    effectiveEndDate: datetime | None = None  # noqa: N815
    meterName: str  # noqa: N815
    productName: str  # noqa: N815
    skuName: str  # noqa: N815
    serviceName: str  # noqa: N815
    unitOfMeasure: Annotated[str, Field(min_length=1)]  # noqa: N815
    type: str
    isPrimaryMeterRegion: bool  # noqa: N815


class RetailPage(BaseModel):
    """The envelope of one page."""

    Items: list[RetailItem]
    NextPageLink: str | None


class _TryAgain(Exception):
    """An answer that may be another one later; `after_s` is what Retry-After asks for."""

    def __init__(self, status: int, after_s: float | None) -> None:
        self.status, self.after_s = status, after_s
        super().__init__(f"it answered {status}")


def checked_address(address: str) -> URL:
    """The address of a price list. Raises UsageError for plain HTTP to other than loopback."""
    return URL(checked_origin(address))


def list_session(origin: URL) -> aiohttp.ClientSession:
    """A session for the list, by the proxy that the environment names; a context manager."""
    return aiohttp.ClientSession(trust_env=not is_loopback(origin.host or ""))


async def fetch_part(
    session: aiohttp.ClientSession,
    origin: URL,
    part: PriceListPart,
    patience: Patience,
    now: datetime,
) -> tuple[Quote, ...]:
    """Every price in use of one service in one region and currency.

    Raises AzureRefused, AzureUnreachable, or InputUnreadable naming page, index and key.
    """
    return await fetch_filtered(session, origin, part, part_filter(part), patience, now)


async def fetch_filtered(
    session: aiohttp.ClientSession,
    origin: URL,
    part: PriceListPart,
    filter_text: str,
    patience: Patience,
    now: datetime,
) -> tuple[Quote, ...]:
    """The prices in use that a filter leaves of the part. Raises as `fetch_part` does."""
    stamp = (now.date().isoformat(), str(origin))
    quotes: dict[Key, dict[bool, list[Quote]]] = {}
    async for place, page in _pages(session, origin, part, filter_text, patience):
        for index, item in enumerate(page.Items):
            _check(item, part, f"{place}, $.Items[{index}]")
            if item.type == "Consumption" and is_wanted(*_names(item)):
                key = key_of(*_names(item), part.region, part.currency)
                rows = quotes.setdefault(key, {})
                rows.setdefault(item.isPrimaryMeterRegion, []).append(_quote(key, item, stamp))
    # A meter can be listed twice; the row of its primary region is the one that is billed.
    kept = (rows.get(True) or rows[False] for rows in quotes.values())
    return tuple(dict.fromkeys(quote for rows in kept for quote in rows))


async def _pages(
    session: aiohttp.ClientSession,
    origin: URL,
    part: PriceListPart,
    filter_text: str,
    patience: Patience,
) -> AsyncIterator[tuple[str, RetailPage]]:
    """Each page with the words for where it is in the list."""
    link = origin.with_path(_PATH).with_query(
        {"currencyCode": f"'{part.currency}'", "$filter": filter_text}
    )
    seen = set[URL]()
    for number in range(1, _MOST_PAGES + 1):
        place = f"page {number} of {part.service} in {part.region}"
        seen.add(link)
        page = _parsed(place, await _get(session, link, place, patience))
        yield place, page
        if not page.NextPageLink:
            return
        link = _next_link(origin, page.NextPageLink, place)
        if link in seen:
            raise _unknown(f"{place}, $.NextPageLink", "it leads back to a page already read")
    raise _unknown(f"page {_MOST_PAGES} of {part.service} in {part.region}", "the list has no end")


def _next_link(origin: URL, text: str, place: str) -> URL:
    """The next page's address; a list that leads elsewhere is not followed."""
    link = URL(text)
    if link.absolute and (link.scheme, link.host, link.port) == (
        origin.scheme,
        origin.host,
        origin.port,
    ):
        return link
    raise _unknown(f"{place}, $.NextPageLink", f"it leads away from {origin}, and is not followed")


async def _get(session: aiohttp.ClientSession, link: URL, place: str, patience: Patience) -> bytes:
    attempts = stamina.retry_context(
        on=_waiting(patience),
        attempts=patience.attempts,
        timeout=None,
        wait_initial=patience.first_wait_s,
        wait_max=patience.longest_wait_s,
        wait_jitter=patience.first_wait_s,
    )
    try:
        async for attempt in attempts:
            with attempt:
                return await _get_once(session, link, place, patience)
    except _TryAgain as error:
        if error.status == 429:
            raise AzureRefused(
                place, "it answered 429, too many requests, for too long. Try again later."
            ) from error
        raise AzureUnreachable(place, f"{error}, {patience.attempts} times.") from error
    except aiohttp.ConnectionTimeoutError as error:
        raise AzureUnreachable(place, f"no connection within {patience.connect_s} s.") from error
    except TimeoutError as error:
        raise AzureUnreachable(place, f"no answer in {_REQUEST_TIMEOUT_S} s.") from error
    except aiohttp.ClientError as error:
        raise AzureUnreachable(place, f"{error or type(error).__name__}.") from error
    raise AssertionError("stamina returns or raises")


def _waiting(patience: Patience) -> Callable[[Exception], bool | float]:
    """Whether to try again after an error, and in how many seconds where the answer said so."""

    def wait(error: Exception) -> bool | float:
        if isinstance(error, _TryAgain):
            return True if error.after_s is None else min(error.after_s, patience.longest_wait_s)
        return patience.connect_s is None and isinstance(
            error, (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError)
        )

    return wait


async def _get_once(
    session: aiohttp.ClientSession, link: URL, place: str, patience: Patience
) -> bytes:
    timeout = aiohttp.ClientTimeout(total=_REQUEST_TIMEOUT_S, connect=patience.connect_s)
    async with session.get(link, allow_redirects=False, timeout=timeout) as response:
        if response.status == 429 or response.status >= 500:
            raise _TryAgain(response.status, _retry_after_s(response.headers.get("Retry-After")))
        if response.status != 200:
            raise AzureRefused(place, f"the price list answered {response.status}.")
        return await response.read()


def _retry_after_s(text: str | None) -> float | None:
    """Seconds of a Retry-After header, which holds seconds or a date; None where it has neither."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None  # a header we cannot read leaves the waiting to the backoff
    return max(0.0, (moment - datetime.now(moment.tzinfo)).total_seconds())


def _parsed(place: str, content: bytes) -> RetailPage:
    try:
        return RetailPage.model_validate(json.loads(content, parse_float=Decimal))
    except ValidationError as error:
        first = error.errors()[0]
        raise _unknown(f"{place}, {_path(first['loc'])}", first["msg"]) from error
    except ValueError as error:
        raise _unknown(place, f"it is not JSON ({error})") from error


def _path(location: tuple[Any, ...]) -> str:
    """`("Items", 3, "retailPrice")` as `$.Items[3].retailPrice`."""
    return "$" + "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in location)


def _check(item: RetailItem, part: PriceListPart, place: str) -> None:
    """A row that was not asked for means that the filter was not applied: nothing is believed."""
    expected = {
        "serviceName": part.service,
        "armRegionName": part.region,
        "currencyCode": part.currency,
    }
    for name, value in expected.items():
        if getattr(item, name) != value:
            raise _unknown(f"{place}.{name}", f"it is “{getattr(item, name)}”, not “{value}”")


def _names(item: RetailItem) -> tuple[str, str, str, str]:
    return item.serviceName, item.productName, item.skuName, item.meterName


def _quote(key: Key, item: RetailItem, stamp: tuple[str, str]) -> Quote:
    true_on, source = stamp
    return Quote(
        key=key,
        unit=item.unitOfMeasure,
        minimum_units=item.tierMinimumUnits,
        amount=item.retailPrice,
        true_on=true_on,
        confidence="A",
        source=source,
        starts=_day(item.effectiveStartDate),
        ends=_day(item.effectiveEndDate),
    )


def _day(moment: date | None) -> str:
    return moment.strftime("%Y-%m-%d") if moment else ""


def _unknown(place: str, problem: str) -> InputUnreadable:
    return InputUnreadable(
        "Azure's price list", place, f"{problem}. The prices saved before are kept."
    )
