"""Where Azure is: the public cloud, another one, or one that is played on this machine."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from advisor.errors import SettingsUnreadable
from advisor.loopback import is_loopback

PUBLIC_AZURE = "https://management.azure.com"
AZURE_ADDRESS_VARIABLE = "VMBACKUP_AZURE_URL"


def azure_address() -> str:
    """The address of Resource Manager that every command asks. Raises SettingsUnreadable."""
    given = os.environ.get(AZURE_ADDRESS_VARIABLE, "").strip()
    try:
        return checked_azure_address(given) if given else PUBLIC_AZURE
    except ValueError as error:
        raise SettingsUnreadable("the environment", AZURE_ADDRESS_VARIABLE, str(error)) from None


def checked_azure_address(text: str) -> str:
    """The address without a slash at its end. Raises ValueError, with what is wrong."""
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError(f"it is not an address. Leave it out for {PUBLIC_AZURE}.")
    if url.scheme == "http" and not is_loopback(url.hostname):
        raise ValueError("it would send your sign-in unencrypted. Use https://.")
    return text.rstrip("/")


def is_played(address: str) -> bool:
    """Whether a stand-in on this machine plays the Azure of that address."""
    return is_loopback(urlsplit(address).hostname or "")
