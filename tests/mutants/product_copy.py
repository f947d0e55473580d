"""A copy of the repository in which one file at a time is mutated, and put back."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mutants.mutant import Mutant

ROOT = Path(__file__).parents[2]
#: What is no part of the product or of its tests.
_NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "*.png", "*.svg", "dist", "build")


class CopyOfProduct:
    """The files of `root`, in an empty folder."""

    def __init__(self, folder: Path, root: Path = ROOT) -> None:
        self.folder = folder
        shutil.copytree(root, folder, ignore=_NOT_COPIED, dirs_exist_ok=True)
        folder.chmod(0o755)  # under root the database's programs run as somebody else

    @contextmanager
    def holding(self, mutant: Mutant) -> Iterator[None]:
        """The copy with the edit, as long as the block lasts. Raises NotOnce."""
        path = self.folder / mutant.file
        before, mutated = path.read_bytes(), mutant.mutated(self.folder)
        try:
            _write(path, mutated.encode())
            yield
        finally:
            _write(path, before)


def _write(path: Path, content: bytes) -> None:
    """Write the file; its bytecode goes, which is known by size and second only."""
    path.write_bytes(content)
    Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
