"""The prices part of vmbackup.toml: discounts of an agreement whose sheet may not be read.

[prices.discounts]
backup = "8 %"
storage = "5 %"
"""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from advisor.errors import SettingsUnreadable
from advisor.prices.discounts import SERVICES, Discounts

_WRITTEN = re.compile(r"(\d{1,2}(?:\.\d{1,4})?)\s*%")


class _DiscountsTable(BaseModel):
    model_config = ConfigDict(extra="forbid")
    backup: Decimal | None = Field(
        None, description="Off Azure Backup: instances and vault storage, as `8 %`."
    )
    site_recovery: Decimal | None = Field(None, description="Off the fee of Site Recovery.")
    storage: Decimal | None = Field(None, description="Off disks and snapshots.")
    bandwidth: Decimal | None = Field(None, description="Off traffic between regions.")

    @field_validator(*SERVICES, mode="before")
    @classmethod
    def _share(cls, value: Any) -> Any:
        found = _WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None or not Decimal(found[1]):
            raise ValueError('is written in quotes, above 0 and below 100, like backup = "8 %"')
        return Decimal(found[1]) / 100


class _PricesTable(BaseModel):
    model_config = ConfigDict(extra="forbid")
    discounts: _DiscountsTable = Field(
        default_factory=_DiscountsTable,
        description="Off the price list, by service; a price of your own sheet has its own.",
    )


class PriceSettings(BaseModel):
    """The keys of the settings file about prices; docs/settings.md has their table."""

    model_config = ConfigDict(extra="ignore")
    prices: _PricesTable = Field(
        default_factory=_PricesTable, description="What your agreement makes cheaper."
    )


def load_discounts(path: Path) -> Discounts:
    """The discounts of a settings file. Raises SettingsUnreadable."""
    try:
        table = PriceSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise SettingsUnreadable(str(path), "", f"it cannot be read: {why}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SettingsUnreadable(str(path), place, first["msg"]) from error
    stated = table.prices.discounts.model_dump(exclude_none=True)
    return Discounts({SERVICES[key]: share for key, share in stated.items()}, path.name)
