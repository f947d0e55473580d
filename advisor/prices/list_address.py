"""Where the price list is, and whether it may be asked."""

from __future__ import annotations

import os

from advisor.azure_address import azure_address, is_played
from advisor.errors import UsageError
from advisor.loopback import is_loopback

RETAIL_PRICES = "https://prices.azure.com"
OFFLINE_VARIABLE = "VMBACKUP_OFFLINE"
ADDRESS_VARIABLE = "VMBACKUP_PRICES_URL"
#: What says no to VMBACKUP_OFFLINE; anything else forbids the network.
_NO = frozenset({"", "0", "false", "no", "off"})


def is_offline() -> bool:
    """Whether the environment forbids asking the price list."""
    return says_offline(os.environ.get(OFFLINE_VARIABLE, ""))


def says_offline(text: str) -> bool:
    """What VMBACKUP_OFFLINE means: `1` forbids; empty, 0, false, no and off do not."""
    return text.strip().lower() not in _NO


def list_address() -> str:
    """The origin of the price list: that of VMBACKUP_PRICES_URL, else Azure's.

    An Azure that is played on this machine has a list of its own. Raises UsageError,
    SettingsUnreadable.
    """
    if told := os.environ.get(ADDRESS_VARIABLE):
        return checked_origin(told)
    azure = azure_address()
    return checked_origin(azure) if is_played(azure) else RETAIL_PRICES


def checked_origin(address: str) -> str:
    """The origin of a price list. Raises UsageError for plain HTTP to other than loopback."""
    from urllib.parse import urlsplit  # here, because not every answer asks the list

    try:
        url = urlsplit(address)
        port = f":{url.port}" if url.port else ""
        host = url.hostname or ""
    except ValueError:
        raise _no_address(address) from None
    if not host or not (url.scheme == "https" or (url.scheme == "http" and is_loopback(host))):
        raise _no_address(address)
    return f"{url.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def host_of(origin: str) -> str:
    """The host that a sentence names."""
    return origin.partition("://")[2]


def _no_address(address: str) -> UsageError:
    return UsageError(
        f"“{address}” is not an address of a price list: it has to begin with https://."
    )
