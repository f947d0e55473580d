"""A price list on loopback that speaks the Retail Prices API: filter, pages, and faults."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import web

from deploy.local.azure.odata import parsed_filter

Row = dict[str, Any]
Fault = Callable[[web.Request], web.StreamResponse]
_METER = re.compile(r"meterName eq '([^']*)'")
_FILTERED = ("serviceName", "armRegionName", "productName", "meterName")


def row(
    service: str,
    product: str,
    sku: str,
    meter: str,
    price: float | str,
    *,
    region: str = "westeurope",
    **other: Any,
) -> Row:
    """One item with every key that the API gives; `other` replaces some of them."""
    return {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": price,
        "unitPrice": price,
        "armRegionName": region,
        "location": "EU West",
        "effectiveStartDate": "2020-08-01T00:00:00Z",
        "meterId": "3dba07a7-f7a2-5126-a904-9eddbbb6be75",
        "meterName": meter,
        "productId": "DZH318Z0BP05",
        "skuId": "DZH318Z0BP05/0030",
        "productName": product,
        "skuName": sku,
        "serviceName": service,
        "serviceId": "DZH31C9G2H7Q",
        "serviceFamily": "Storage",
        "unitOfMeasure": "1 GB/Month",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": "",
        **other,
    }


def some_of_every_service(region: str = "westeurope") -> list[Row]:
    """One price of each of the four services, and one of a product that is not used."""
    traffic = "Standard Inter-Region Data Transfer"
    fee = {"unitOfMeasure": "1/Month"}
    return [
        row("Backup", "Backup", "Standard", "Standard LRS Data Stored", 0.03, region=region),
        row(
            "Backup", "Backup", "Azure VM", "Azure VM Protected Instance", 11, region=region, **fee
        ),
        row("Backup", "Backup", "SQL", "SQL Protected Instance", 30, region=region, **fee),
        row(
            "Azure Site Recovery",
            "Azure Site Recovery",
            "Azure",
            "VM Replicated to Azure",
            26,
            region=region,
            **fee,
        ),
        row(
            "Storage",
            "Premium SSD Managed Disks",
            "P10 LRS",
            "P10 LRS Disk",
            22.5,
            region=region,
            **fee,
        ),
        row("Storage", "Files", "Hot LRS", "Hot LRS Data Stored", 9, region=region),
        row("Bandwidth", "Rtn Preference: MGN", "Standard", traffic, 0.04, region=region),
    ]


class Hangs(Exception):
    """Raised by a fault: the request is never answered."""


class PriceList:
    """The server: `rows` to give, `faults` to play first, `requests` that were made."""

    def __init__(self, rows: list[Row], page_size: int = 1000) -> None:
        self.rows = rows
        self.page_size = page_size
        self.faults: deque[Fault] = deque()
        self.requests: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.address = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.AppRunner | None = None

    def __enter__(self) -> PriceList:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.address = f"http://127.0.0.1:{port}"

    async def _stop(self) -> None:
        assert self._runner
        await _settled()  # whoever knocked and went is accepted, and closed with the others
        await self._runner.cleanup()
        await _settled()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(dict(request.query))
        self.paths.append(request.path)
        try:
            return self.faults.popleft()(request) if self.faults else self.page(request)
        except Hangs:
            await asyncio.Event().wait()
            raise

    def page(self, request: web.Request) -> web.Response:
        """The page asked for, with the link to the next as the API writes it."""
        found = self._found(request.query.get("$filter", ""))
        skip = int(request.query.get("$skip", "0"))
        items = found[skip : skip + self.page_size]
        more = skip + self.page_size < len(found)
        link = request.url.update_query({"$skip": str(skip + self.page_size)})
        return envelope(items, str(link) if more else None)

    def _found(self, text: str) -> list[Row]:
        keeps = parsed_filter(text, _FILTERED, is_exact=True)
        return [item for item in self.rows if keeps(item)]

    def meters_asked(self) -> set[str]:
        """The names of the meters that the filters of the requests speak of."""
        filters = (request.get("$filter", "") for request in self.requests)
        return {name for each in filters for name in _METER.findall(each)}


async def _settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0.002)


def envelope(items: list[Row], link: str | None, **other: Any) -> web.Response:
    """A page as the API wraps it."""
    document = {
        "BillingCurrency": "USD",
        "CustomerEntityId": "Default",
        "CustomerEntityType": "Retail",
        "Items": items,
        "NextPageLink": link,
        "Count": len(items),
        **other,
    }
    return web.Response(text=json.dumps(document), content_type="application/json")


def status(code: int, **headers: str) -> Fault:
    """Answer once with a status; `Retry_After="0"` is the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: web.Response(status=code, headers=named)


def text(body: str) -> Fault:
    """Answer once with a body of one's own."""
    return lambda _: web.Response(text=body, content_type="application/json")


def cut(request: web.Request) -> web.StreamResponse:
    """Cut the connection instead of answering."""
    assert request.transport
    request.transport.close()
    return web.Response()
