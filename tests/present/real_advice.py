"""Advice on real machines: the sample fleet, and inputs of others where these lie beside us."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from advisor.advising import advise_known
from advisor.cli.parameters import parse_asked
from advisor.errors import VmbackupError
from advisor.inventory.exports import Fleet, parse_exports
from advisor.inventory.files import read_files
from advisor.model import Advice
from advisor.needs import Tiers
from tests.strategies import book

SAMPLE = Path("deploy/local/sample-inventory.json")
SHARED = Path("../shared")


def advices_of(*files: Path, arguments: str = "") -> Iterator[Advice]:
    """Of each VM of the files, or of the one that the arguments name."""
    now = datetime.now(UTC)
    fleet = parse_exports(read_files([str(each) for each in files], None), now)  # type: ignore[arg-type]
    for words in [shlex.split(arguments)] if arguments else _names(fleet):
        asked = parse_asked(words)
        yield advise_known(fleet.find(asked.vm), asked, Tiers(), book(), now)


def _names(fleet: Fleet) -> Iterator[list[str]]:
    return ([each.vm.id] for each in fleet.vms)


def advices_of_others(folder: str) -> Iterator[Advice]:
    """Of every input of `cases` or `situations`; they lie beside the repository on some machines.

    What cannot be read has a sentence of its own, and no advice.
    """
    for inputs, arguments in _rows(SHARED / folder):
        try:
            yield from list(advices_of(*sorted(inputs.iterdir()), arguments=arguments))
        except VmbackupError:
            continue


def _rows(folder: Path) -> Iterator[tuple[Path, str]]:
    """The folders of inputs and their arguments, off the table of its README."""
    readme = folder / "README.md"
    for line in readme.read_text(encoding="utf-8").splitlines() if readme.is_file() else ():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) > 2 and (folder / cells[0]).is_dir():
            yield folder / cells[0], cells[1].strip("`")
