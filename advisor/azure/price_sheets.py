"""The price sheet of an agreement, as Cost Management makes it: asked for, waited for, downloaded.

price_sheet.begin_download_by_billing_account (an enrolment's, of one billing period) and
_by_billing_profile (a customer agreement's), 2025-03-01. The answer names an address of Azure
Storage, signed and valid for some time: whoever has it may read, so that nothing else is sent.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from advisor.azure.connection import AzureConnection
from advisor.azure.sdk_errors import translating
from advisor.errors import AzureRefused, AzureUnreachable, UsageError
from advisor.loopback import is_loopback

PERMISSION = (
    "a reader of the billing profile (MCA), or an enterprise administrator who may see charges (EA)"
)
#: A sheet of some hundred MB takes Azure minutes; it asks to be asked again each minute.
LONGEST_SECONDS = 900.0
_DOWNLOAD_SECONDS, _CHUNK_BYTES = 300.0, 1 << 20
LARGEST_BYTES = 1024**3
_PERIOD = re.compile(r"\d{4}(0[1-9]|1[0-2])")
_ID = re.compile(r"[\w.:-]{1,200}")


class Agreement(NamedTuple):
    """Whose sheet. An empty `profile`: an enrolment, whose sheet is that of a `period` (202611)."""

    account: str
    profile: str = ""
    period: str = ""

    @property
    def words(self) -> str:
        """`of billing account 1234567, 202611`."""
        whose = f"of billing profile {self.profile}" if self.profile else ""
        return whose or f"of billing account {self.account}, {self.period}"


def agreement_of(account: str, profile: str, period: str) -> Agreement:
    """Raises UsageError for what is neither an id nor a period."""
    for flag, given in (("--billing-account", account), ("--billing-profile", profile)):
        if given and not _ID.fullmatch(given):
            raise UsageError(f"“{given[:40]}” is no {flag}. Copy the id from Cost Management.")
    if not _PERIOD.fullmatch(period):
        raise UsageError(f"“{period[:40]}” is no billing period. Write it like 202611.")
    return Agreement(account, profile, period)


class PriceSheets:
    """Sheets over one connection."""

    def __init__(self, connection: AzureConnection) -> None:
        from azure.mgmt.costmanagement.aio import CostManagementClient

        self._client = CostManagementClient(**connection.client_arguments())
        self._plain = urlsplit(connection.base_url).scheme == "http"

    async def download(self, of: Agreement) -> bytes:
        """The file as Azure has it: a CSV, or a zip of one.

        Raises AzureRefused and AzureUnreachable: part of a sheet is none.
        """
        what = f"the price sheet {of.words}"
        with translating(what, PERMISSION):
            try:
                async with asyncio.timeout(LONGEST_SECONDS):
                    made = await self._made(of)
            except TimeoutError as error:
                minutes = f"{LONGEST_SECONDS / 60:.0f} minutes"
                raise AzureUnreachable(what, f"Azure did not make it in {minutes}.") from error
        return await self._fetched(_address(made, what), what)

    async def _made(self, of: Agreement) -> Mapping[str, Any]:
        """The body that the long-running operation ends with."""
        sheets, how = self._client.price_sheet, {"cls": _body}
        if of.profile:
            poller = await sheets.begin_download_by_billing_profile(of.account, of.profile, **how)
        else:
            poller = await sheets.begin_download_by_billing_account(of.account, of.period, **how)
        found: Mapping[str, Any] = await poller.result()
        return found

    async def _fetched(self, address: str, what: str) -> bytes:
        """From the signed address, without our token: it is asked for by nobody's name."""
        parts = urlsplit(address)
        plain = self._plain and is_loopback(parts.hostname or "")
        if parts.scheme != "https" and not (plain and parts.scheme == "http"):
            raise AzureUnreachable(what, "its address is not https.")
        timeout = aiohttp.ClientTimeout(total=_DOWNLOAD_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=not plain) as session,
                # As it was signed: what is quoted in it stays quoted.
                session.get(URL(address, encoded=True), allow_redirects=False) as response,
            ):
                if response.status != HTTPStatus.OK:
                    said = f"its download was answered with {response.status}."
                    raise AzureRefused(what, f"{said} Ask for it anew.")
                return await _whole(response, what)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise AzureUnreachable(what, f"its download broke off ({_name(error)}).") from error


async def _whole(response: aiohttp.ClientResponse, what: str) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        content += chunk
        if len(content) > LARGEST_BYTES:
            raise AzureUnreachable(what, "it is too large for a price sheet.")
    return bytes(content)


def _name(error: Exception) -> str:
    return type(error).__name__


def _body(response: Any, _: object, __: object) -> Mapping[str, Any]:
    """The wire's own body: the SDK types an enrolment's answer without its address."""
    body = response.http_response.json()
    return body if isinstance(body, dict) else {}


def _address(made: Mapping[str, Any], what: str) -> str:
    """`downloadUrl`, of a profile at the top, of an enrolment among the properties."""
    inner = made.get("properties")
    found = made.get("downloadUrl") or (inner.get("downloadUrl") if isinstance(inner, dict) else "")
    if not isinstance(found, str) or not found:
        raise AzureUnreachable(what, "Azure made it and does not say where it is.")
    return found
