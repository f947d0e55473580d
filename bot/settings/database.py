"""The settings of the bot's database."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from bot.settings.base import SettingsPart, without_line_end


def default_data_directory() -> Path:
    """The user's data directory; for root the machine's: no other user may enter root's home."""
    import platformdirs

    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path(platformdirs.site_state_dir("vmbackup"))
    return Path(platformdirs.user_data_dir("vmbackup", appauthor=False))


class DatabasePart(SettingsPart):
    """Where the database is."""

    database_url: SecretStr | None = Field(
        None,
        validation_alias="DATABASE_URL",
        description=(
            "A PostgreSQL server of your own, with sslmode=verify-full unless it is on this "
            "machine. Default: one that the bot starts in its data directory."
        ),
    )
    data_directory: Path = Field(
        default_factory=default_data_directory,
        validation_alias="VMBACKUP_DATA_DIR",
        description=(
            "The directory of the bot's own database. Default: the user's data directory, such as "
            "~/.local/share/vmbackup; as root /var/lib/vmbackup."
        ),
    )

    @field_validator("database_url", mode="before")
    @classmethod
    def _ends_where_its_text_ends(cls, value: object) -> object:
        return without_line_end(value)

    @field_validator("data_directory")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()
