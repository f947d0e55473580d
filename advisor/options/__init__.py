"""The ways of protecting a VM: one folder each, and the table of their rows.

The order of the table is that of the columns in which people compare the options.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advisor.options.azure_backup.option import AZURE_BACKUP
from advisor.options.row import Option
from advisor.options.site_recovery.option import SITE_RECOVERY
from advisor.options.snapshots.option import SNAPSHOTS

OPTIONS: tuple[Option[Any], ...] = (
    AZURE_BACKUP,
    SITE_RECOVERY,
    SNAPSHOTS,
)

BY_NAME: Mapping[str, Option[Any]] = {option.name: option for option in OPTIONS}
