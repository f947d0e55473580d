"""Versions of this project to run beside this one: an earlier one from git, and tomorrow's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from bot.database.side_by_side import LIVES_WITH
from tests.docs.tables import ROOT

#: Names a commit to be played as the version before; else it is the last tag.
VARIABLE = "VMBACKUP_OLD_VERSION"


def earlier_version() -> str:
    """A commit-ish; skips where there is neither a tag nor the variable."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return named
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git repository")
    # The tag of a version that is being released names this very commit.
    ran = subprocess.run(
        ["git", "describe", "--tags", "--abbrev=0", "HEAD^"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        pytest.skip(f"there is no tag of an earlier version; {VARIABLE} may name a commit")
    return ran.stdout.strip()


def unpacked(commit: str, folder: Path) -> Path:
    """The files of that commit below the folder."""
    ran = subprocess.run(
        ["git", "archive", "--format=tar", commit, "advisor", "bot", "deploy"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    with tarfile.open(fileobj=BytesIO(ran.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def newest_schema(source: Path) -> str:
    """The number of the newest migration of a version."""
    versions = (source / "bot" / "migrations" / "versions").glob("v*.py")
    return max(each.name[1:5] for each in versions)


_TOMORROW = """
from alembic import op

revision = "{number:04}"
down_revision = "{before}"


def upgrade() -> None:
    op.execute("ALTER TABLE requests ADD COLUMN of_tomorrow text NOT NULL DEFAULT 'soon'")
    op.execute("CREATE TABLE tomorrow (id int PRIMARY KEY)")
"""


def tomorrow(folder: Path) -> Path:
    """A copy of this version with one migration more, which says that this one lives with it."""
    for name in ("advisor", "bot", "deploy"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    before = newest_schema(folder)
    number = int(before) + 1
    migration = folder / "bot" / "migrations" / "versions" / f"v{number:04}_tomorrow.py"
    migration.write_text(_TOMORROW.format(number=number, before=before), encoding="utf-8")
    rule = folder / "bot" / "database" / "side_by_side.py"
    text = rule.read_text(encoding="utf-8")
    assert f'LIVES_WITH = "{LIVES_WITH}"' in text
    changed = text.replace(f'LIVES_WITH = "{LIVES_WITH}"', f'LIVES_WITH = "{before}"')
    rule.write_text(changed, encoding="utf-8")
    return folder
