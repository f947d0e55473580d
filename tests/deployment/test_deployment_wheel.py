"""The wheel is installed with its locked requirements, and works, on every Python that is here."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.release import ROOT, built, try_wheel, version_of
from deploy.release_rules import NotReleasable

VERSIONS = ("3.11", "3.12", "3.13")
#: What uv says where no index of packages answers (uv 0.9, 2026).
_NO_INDEX = ("Failed to fetch", "error sending request", "No network", "dns error")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the commit alone."""
    [found] = built(tmp_path_factory.mktemp("wheel")).glob("*.whl")
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_the_wheel_works_on_every_python_that_is_here(version: str, wheel: Path) -> None:
    """Without the extras: nothing that is imported may need them."""
    interpreter = next(_that_run(version), None)
    if interpreter is None:
        pytest.skip(f"Python {version} is not on this machine")
    try:
        try_wheel(wheel, version_of(ROOT), interpreter)
    except NotReleasable as problem:
        if any(words in str(problem) for words in _NO_INDEX):
            pytest.skip(f"No index of packages answers: {str(problem).splitlines()[-1]}")
        raise


def _that_run(version: str) -> Iterator[str]:
    """Programs that are this Python: of the path, or of pyenv, whose stand-ins may run nothing."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    places = [shutil.which(f"python{version}"), *pyenv.glob(f"versions/{version}.*/bin/python")]
    for place in filter(None, places):
        asked = [str(place), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        ran = subprocess.run(asked, capture_output=True, text=True, check=False)
        if (ran.returncode, ran.stdout.strip()) == (0, version):
            yield str(place)
