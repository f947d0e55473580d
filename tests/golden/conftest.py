"""Golden files: `make golden` writes them anew, a test run compares with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = "--golden"
Compare = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(GOLDEN, action="store_true", help="write the golden files anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Compare:
    """Compare a text with the file of that name, or write the file with `--golden`."""
    writing = request.config.getoption(GOLDEN, default=False)
    folder = Path(__file__).parent / "files"

    def compare(name: str, text: str) -> None:
        file = folder / name
        if writing:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert file.is_file(), f"{file.name} is not there yet; `make golden` writes it"
        assert text == file.read_text(encoding="utf-8")

    return compare
