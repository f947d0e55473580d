"""Secrets as files, named like their variables: of a folder that is mounted, or of systemd.

A secret in a file can be replaced while the bot runs, and stands in no environment that a child or
a debugger reads. A file stands over a variable of the same name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from advisor.errors import SettingsUnreadable

FOLDER_VARIABLE = "VMBACKUP_SECRETS_DIR"
LARGEST_BYTES = 64 * 1024


def secret_files(variables: tuple[str, ...]) -> Mapping[str, str]:
    """The secrets that are files, by variable; an empty file says nothing.

    Raises SettingsUnreadable where the folder is not there or a file cannot be read.
    """
    return {name: text for folder in _folders() for name, text in _of_folder(folder, variables)}


def _folders() -> Iterator[Path]:
    """systemd's first: the folder that is named for this program stands over it."""
    # Where systemd puts what LoadCredential= names (systemd.exec(5), 2026).
    if credentials := os.environ.get("CREDENTIALS_DIRECTORY"):
        yield Path(credentials)
    if named := os.environ.get(FOLDER_VARIABLE):
        folder = Path(named)
        if not folder.is_dir():
            reason = f"there is no folder {folder}. Mount the secrets there, or leave it out."
            raise SettingsUnreadable("the environment", FOLDER_VARIABLE, reason)
        yield folder


def _of_folder(folder: Path, variables: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in variables:
        path = folder / name
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _unreadable(path, name, f"it cannot be read: {error.strerror}.") from None
        if len(raw) > LARGEST_BYTES:
            raise _unreadable(path, name, "it is no secret: it is too large.")
        try:
            text = raw.decode("utf-8").strip()
        except UnicodeDecodeError:
            raise _unreadable(path, name, "it is no text.") from None
        if text:
            yield name, text


def _unreadable(path: Path, name: str, reason: str) -> SettingsUnreadable:
    return SettingsUnreadable(str(path), name, reason)
