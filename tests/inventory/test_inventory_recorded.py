"""Every recorded answer and example of Azure that lies beside the project: what each is read as.

`make test ARGS="-n 0 -s tests/inventory/test_inventory_recorded.py"` prints the list.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from advisor.errors import InputUnreadable
from advisor.inventory.arm import kind_of
from advisor.inventory.exports import KINDS, parse_exports
from advisor.inventory.files import NamedText
from bot.azure.refusals import RefusedForGood, RefusedForNow, refused
from tests.actions.test_actions_words import Answer
from tests.strategies import NOW

SHARED = Path(__file__).parents[3] / "shared" / "azure-rest"
#: What the answers of a folder are read as, and how many are.
READ_AS = {
    "recorded": {
        "no body": 81,
        "nothing of ours": 205,
        "refused for good": 74,
        "refused for now": 29,
        "replicated": 26,
        "replication_policies": 8,
        "vaults": 4,
        "vms": 6,
    },
    "examples": {
        "collections": 12,
        "collections, refused": 1,
        "disks": 26,
        "items": 6,
        "no body": 211,
        "nothing of ours": 206,
        "policies": 13,
        "recovery_points": 8,
        "refused for good": 6,
        "replicated": 17,
        "replicated, refused": 3,
        "replication_policies": 4,
        "restore_points": 4,
        "snapshots": 21,
        "vaults": 27,
        "vms": 44,
        "vms, refused": 12,
    },
}

ANY_ERROR = 400  #: what an example calls its `default` answer

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"the recorded answers and examples are not here: {SHARED}"
)


class Seen(NamedTuple):
    """One answer of a file."""

    status: int
    body: Any


def answers(path: Path) -> Iterator[Seen]:
    """Of a recording, one after the other; of an example, by status."""
    document = json.loads(path.read_text("utf-8"))
    if isinstance(document, list):
        yield from (Seen(one["status"], one.get("body")) for one in document)
        return
    for status, answer in document["responses"].items():
        yield Seen(int(status) if status.isdigit() else ANY_ERROR, answer.get("body"))


def read_as(seen: Seen, name: str) -> Iterator[str]:
    """What an answer is to the product: a refusal, an export, or the resources of one."""
    if seen.status >= 400:
        refusal = refused(Answer(seen.status, seen.body))
        assert str(refusal).strip()
        assert isinstance(refusal, RefusedForNow | RefusedForGood)
        yield "refused for now" if isinstance(refusal, RefusedForNow) else "refused for good"
        return
    if not isinstance(seen.body, dict | list) or not seen.body:
        yield "no body"
        return
    said = refusal_of(lambda: parse_exports([NamedText(name, json.dumps(seen.body))], NOW), name)
    assert not said or said.endswith((".", "…", "”")), said
    found = [*rows_read(seen.body, name)]
    yield from found or ["nothing of ours"]


def rows_read(body: Any, name: str) -> Iterator[str]:
    rows = body.get("value", body.get("data", [body])) if isinstance(body, dict) else body
    for row in rows if isinstance(rows, list) else [rows]:
        field, parse = KINDS.get(kind_of(row) if isinstance(row, dict) else "", ("", None))
        if parse is None:
            continue
        yield f"{field}, refused" if refusal_of(partial(parse, row, name, "$"), name) else field


def refusal_of(read: Callable[[], object], name: str) -> str:
    """Why it is not read, empty where it is; anything but a refusal that names the file fails."""
    try:
        read()
    except InputUnreadable as error:
        return error.problem if error.source == name else f"of {error.source}?"
    return ""


@pytest.mark.parametrize("folder", ["recorded", "examples"])
def test_every_answer_is_read_or_refused_in_a_sentence(folder: str) -> None:
    counts: Counter[str] = Counter()
    paths = sorted((SHARED / folder).rglob("*.json"))
    for path in paths:
        name = str(path.relative_to(SHARED))
        of_file = Counter(kind for seen in answers(path) for kind in read_as(seen, path.name))
        print(f"{name}: {said(of_file)}")
        counts += of_file
    print(f"{len(paths)} files of {folder}: {said(counts)}")
    assert dict(counts) == READ_AS[folder]


def said(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
