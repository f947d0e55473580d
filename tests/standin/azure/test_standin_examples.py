"""Every one of Microsoft's examples whose operation the stand-in serves, beside its answers.

Each field an example's body has must be in an answer to the same operation (or to another one
about the same kind of resource), with its type; each status must be answered, with the example's
headers. What is otherwise stands in `example_differences`, with its reason. The examples are read
where they lie; where they are absent these tests are skipped, saying so.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from deploy.local.azure.graph.quota import Quota
from deploy.local.azure.server import AzureStandIn
from deploy.local.azure.world import World
from deploy.local.fleet.sample import sample_world
from tests.standin.azure import (
    example_backup,
    example_compute,
    example_reads,
    example_replication,
)
from tests.standin.azure.example_answers import SERVED, Answered, Recorder
from tests.standin.azure.example_differences import (
    FIELDS,
    GENERATED,
    HEADERS,
    NOT_COMPARED,
    STATUSES,
)
from tests.standin.azure.example_operations import EXAMPLES, Example, examples
from tests.standin.azure.running_azure import small_world, talking
from tests.standin.azure.shape_of import fields

Answers = Mapping[str, list[Answered]]
Types = dict[str, set[str]]


@dataclass
class Compared:
    """What the comparison of one example found."""

    fields: int = 0  #: that are in an answer, with the same type
    generated: int = 0  #: of a generated example, that are in none
    statuses: int = 0
    excused: set[object] = field(default_factory=set)  #: rows of the lists that were needed
    faults: list[str] = field(default_factory=list)


# --- what the stand-in answers ---------------------------------------------------------------


async def everything() -> Answers:
    """The answers to all operations there are examples of, in four worlds."""
    answers: dict[str, list[Answered]] = defaultdict(list)
    for asking in (example_compute, example_backup, example_replication, example_reads):
        reads = asking is example_reads
        world = sample_world(World()) if reads else small_world(pace=1.0)
        world.retry_after_seconds = 3
        world.part(Quota).most = 10_000
        async with AzureStandIn(world) as azure, talking(azure) as session:
            recorder = Recorder(azure, session)
            await asking.ask_all(recorder)
        for name, found in recorder.answers.items():
            answers[name] += found
    return answers


@pytest.fixture(scope="module")
def known() -> Known:
    if not EXAMPLES.is_dir():
        pytest.skip(f"Microsoft's examples are not at {EXAMPLES}.")
    return Known(asyncio.run(everything()))


# --- the comparison --------------------------------------------------------------------------


def item_path(path: str) -> str:
    """A path below an item of a list as it is below the item alone."""
    return path.removeprefix("value[].") if path.startswith("value[].") else path


@dataclass
class Known:
    """All answers, and the fields they have: by operation, and by the kind of resource, which is
    what an operation's name begins with."""

    answers: Answers
    own: dict[str, Types] = field(default_factory=lambda: defaultdict(dict))
    of_kind: dict[str, Types] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        for name, found in self.answers.items():
            for body in (one.body for one in found if one.body is not None):
                for path, types in fields(body).items():
                    self.own[name].setdefault(path, set()).update(types)
                    kind = self.of_kind[kind_of(name)]
                    kind.setdefault(item_path(path), set()).update(types)

    def types(self, operation: str, path: str) -> set[str] | None:
        found = self.own[operation].get(path)
        return found or self.of_kind[kind_of(operation)].get(item_path(path))


def kind_of(operation: str) -> str:
    return operation.partition("_")[0]


def compare(example: Example, known: Known) -> Compared:
    result = Compared()
    for status, wanted in example.responses.items():
        if status == "default":
            continue
        if wanted.get("body") is not None:
            _compare_body(example, wanted["body"], known, result)
        else:
            _compare_status(example, int(status), wanted, known, result)
    return result


def _compare_body(example: Example, body: Any, known: Known, result: Compared) -> None:
    for path, wanted in fields(body).items():
        found = known.types(example.operation, path)
        if found is None:
            _excuse_field(example, item_path(path), result)
            continue
        result.fields += 1
        wrong = wanted - found - {"null"}
        if wrong and found != {"null"}:
            told = f"{example.name}: {path} is {sorted(wrong)} and here {sorted(found)}"
            result.faults.append(told)


def _excuse_field(example: Example, path: str, result: Compared) -> None:
    if fnmatchcase(example.file.stem, GENERATED):
        result.generated += 1
        return
    rows = [row for row in FIELDS if row.covers(example.operation, path)]
    result.excused.update(rows)
    if not rows:
        result.faults.append(f"{example.name}: no answer of {example.operation} has {path}")


def _compare_status(
    example: Example, status: int, wanted: Any, known: Known, result: Compared
) -> None:
    answers = known.answers.get(example.operation, [])
    found = [one for one in answers if one.status == status]
    if not found:
        rows = [row for row in STATUSES if _is_of(row, example, status)]
        result.excused.update(rows)
        if not rows:
            told = f"{example.name}: {example.operation} is never answered with {status}"
            result.faults.append(told)
        return
    result.statuses += 1
    sent = frozenset[str]().union(*(one.headers for one in found))
    for header in sorted({name.lower() for name in wanted.get("headers", {})} - sent):
        row = (example.operation, status, header)
        result.excused.add(row)
        if row not in HEADERS:
            result.faults.append(f"{example.name}: {status} has no {header}")


def _is_of(row: tuple[str, int], example: Example, status: int) -> bool:
    return row[1] == status and fnmatchcase(example.operation, row[0])


def served() -> Iterator[Example]:
    return (one for one in examples() if one.operation in SERVED)


# --- the tests -------------------------------------------------------------------------------


def test_every_example_is_of_a_known_operation_and_most_are_served() -> None:
    if not EXAMPLES.is_dir():
        pytest.skip(f"Microsoft's examples are not at {EXAMPLES}.")
    every = examples()
    ours = [one for one in every if one.operation in SERVED]
    others = sorted({one.operation for one in every} - SERVED)
    operations = len({one.operation for one in ours})
    print(f"\n{len(every)} examples; {len(ours)} are of {operations} operations that are served.")
    print(f"{len(every) - len(ours)} are of {len(others)} that are not: {', '.join(others)}.")
    assert len(every) > 350
    assert len(ours) > 250


def test_every_example_of_a_served_operation_is_compared_and_found_the_same(
    known: Known,
) -> None:
    found = {one.name: compare(one, known) for one in served()}
    alone = {name for name, one in found.items() if not (one.fields or one.statuses)}
    counted = (
        sum(one.fields for one in found.values()),
        sum(one.statuses for one in found.values()),
        sum(one.generated for one in found.values()),
    )
    print(f"\n{len(found) - len(alone)} of {len(found)} served examples compared:")
    print("{} fields, {} statuses the same; {} fields in generated ones only.".format(*counted))
    assert [fault for one in found.values() for fault in one.faults] == []
    assert alone == set(NOT_COMPARED)
    assert counted[0] > 5000


def test_every_excuse_is_still_needed(known: Known) -> None:
    """A field that is answered by now is taken off the list."""
    needed = {row for one in served() for row in compare(one, known).excused}
    assert [row for row in FIELDS if row not in needed] == []
    assert [row for row in (*HEADERS, *STATUSES) if row not in needed] == []


def made_up(tmp_path: Path, responses: Any) -> Example:
    """An example of reading a vault, below a folder of its own."""
    one = Example(tmp_path / "GETVault.json")
    one.__dict__["whole"] = {"operationId": "Vaults_Get", "responses": responses}
    one.__dict__["name"] = "made up"
    return one


def test_a_field_a_type_a_status_and_a_header_that_differ_are_found(
    known: Known, tmp_path: Path
) -> None:
    """The comparison itself can fail."""
    body = {"id": 7, "name": "safe", "location": None, "madeUp": {"deep": 1}}
    responses = {"200": {"body": body}, "418": {}, "default": {"body": {"error": 1}}}
    found = compare(made_up(tmp_path, responses), known)
    told = " ".join(found.faults)
    assert "id is ['number'] and here ['str']" in told
    assert "has madeUp " in told
    assert "has madeUp.deep" in told
    assert "never answered with 418" in told
    assert len(found.faults) == 4
    gone = {"Vaults_Get": [Answered(202, frozenset({"location"}))]}
    headers = {"202": {"headers": {"Location": "", "Retry-After": ""}}}
    assert compare(made_up(tmp_path, headers), Known(gone)).faults == [
        "made up: 202 has no retry-after"
    ]
