"""Discounts that the settings state, where one's own price sheet may not be read.

Each is a share of the price list's price, of every meter of one service. A price that is agreed
(read of a sheet) has its discount in it, and none is taken off it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from advisor.needs import SETTINGS_FILE
from advisor.quantities import plain

#: The services of the price list, by the keys of the settings file.
SERVICES: Mapping[str, str] = {
    "backup": "Backup",
    "site_recovery": "Azure Site Recovery",
    "storage": "Storage",
    "bandwidth": "Bandwidth",
}


class Discounts(NamedTuple):
    """Shares of the list's price, by the price list's service. `where`: the file they are from."""

    shares: Mapping[str, Decimal] = {}
    where: str = ""

    def off(self, service: str) -> Decimal:
        """What is taken off, as a share; zero where nothing is stated."""
        return self.shares.get(service, Decimal(0))

    def words(self, service: str) -> str:
        """`the list's price less the 8 % that vmbackup.toml states`."""
        percent = plain(self.off(service) * 100)
        return f"the list's price less the {percent} % that {self.where} states"


NO_DISCOUNTS = Discounts()


def stated_discounts(settings: str | None) -> Discounts:
    """Those of the settings file, or of the default one where there is one.

    Raises SettingsUnreadable that names the file, the key and what is wrong there.
    """
    if settings is None and not Path(SETTINGS_FILE).exists():
        return NO_DISCOUNTS
    from advisor.prices.discounts_file import load_discounts

    return load_discounts(Path(settings or SETTINGS_FILE))
