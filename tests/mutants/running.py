"""A whole run: copies side by side, the product itself first, then the mutants one by one."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.mutants.mutant import Mutant, NotOnce
from tests.mutants.product_copy import ROOT, CopyOfProduct
from tests.mutants.trial import TESTS_SECONDS, Trial, Verdict, try_chaos, try_tests

#: The tests of all mutants once, on the product as it is.
_PRODUCT_SECONDS = 1800.0
Tell = Callable[[str], object]


class ProductFails(Exception):
    """The product itself does not pass the tests: to find a mutant by them would mean nothing."""


class Tried(NamedTuple):
    """A mutant and what came of it."""

    mutant: Mutant
    trial: Trial


async def run(
    mutants: Sequence[Mutant],
    *,
    jobs: int,
    minutes: float,
    tell: Tell,
    root: Path = ROOT,
    seconds: float = TESTS_SECONDS,
) -> list[Tried]:
    """What came of each mutant, in their order. Raises ProductFails.

    A mutant whose turn has not come after so many minutes is not tried, and so not found.
    """
    began = time.monotonic()
    with ExitStack() as stack:
        copies = [_copied(stack, root) for _ in range(min(jobs, len(mutants)))]
        await _check_product(copies, mutants, tell)
        waiting, done = deque(enumerate(mutants)), dict[int, Tried]()

        async def work(copy: CopyOfProduct) -> None:
            while waiting:
                number, mutant = waiting.popleft()
                is_over = time.monotonic() >= began + minutes * 60
                trial = Trial(Verdict.NOT_TRIED) if is_over else await _try(copy, mutant, seconds)
                done[number] = Tried(mutant, trial)
                tell(f"{len(done)} of {len(mutants)}  {line(done[number])}")

        async with asyncio.TaskGroup() as group:
            for copy in copies:
                group.create_task(work(copy))
    results = [done[number] for number in sorted(done)]
    tell(told(results, time.monotonic() - began))
    return results


def _copied(stack: ExitStack, root: Path) -> CopyOfProduct:
    home = stack.enter_context(
        TemporaryDirectory(prefix="vmbackup-mutants-", ignore_cleanup_errors=True)
    )
    Path(home).chmod(0o755)
    return CopyOfProduct(Path(home) / "product", root)


# --- the product as it is --------------------------------------------------------------------


async def _check_product(
    copies: Sequence[CopyOfProduct], mutants: Sequence[Mutant], tell: Tell
) -> None:
    """Every test that a mutant is tried by passes without one. Raises ProductFails."""
    tests = all_tests(mutants)
    parts = [tests[place :: len(copies)] for place in range(len(copies))]
    trials = await asyncio.gather(
        *(
            _try_product(copy.folder, part, tell)
            for copy, part in zip(copies, parts, strict=True)
            if part
        )
    )
    for trial in trials:
        if trial.verdict is not Verdict.SURVIVED:
            raise ProductFails(f"Without a mutant: {trial.verdict} {trial.by}\n{trial.said}")
    tell(f"The product passes the tests, in {max(trial.seconds for trial in trials):.0f} s.")


async def _try_product(folder: Path, tests: Sequence[str], tell: Tell) -> Trial:
    """A test that failed is asked once more, alone: the machine may have paused in it."""
    trial = await try_tests(folder, tests, _PRODUCT_SECONDS, all_of_them=True)
    if trial.verdict is not Verdict.FOUND:
        return trial
    tell(f"Failed without a mutant, and is asked once more: {', '.join(trial.failed)}")
    return await try_tests(folder, trial.failed, _PRODUCT_SECONDS)


def all_tests(mutants: Sequence[Mutant]) -> list[str]:
    """The tests of these mutants, each once: a file that is asked whole has its single tests."""
    words = {word for mutant in mutants for word in mutant.tests}
    return sorted(word for word in words if "::" not in word or word.split("::")[0] not in words)


# --- one mutant ------------------------------------------------------------------------------


async def _try(copy: CopyOfProduct, mutant: Mutant, seconds: float) -> Trial:
    try:
        with copy.holding(mutant):
            trial = await try_tests(copy.folder, mutant.tests, seconds)
            if trial.verdict is Verdict.FOUND:  # and again: the machine may have paused in a test
                again = await try_tests(copy.folder, mutant.tests, seconds)
                trial = again._replace(seconds=trial.seconds + again.seconds)
            if trial.verdict is Verdict.SURVIVED and mutant.asks_chaos:
                chaos = await try_chaos(copy.folder)
                trial = chaos._replace(seconds=trial.seconds + chaos.seconds)
    except NotOnce as error:
        return Trial(Verdict.BROKEN, said=str(error))
    return trial


# --- telling ---------------------------------------------------------------------------------


def line(tried: Tried) -> str:
    """`found     12 s  the worker notes SENT after the PUT (tests/a.py::test_b)`."""
    trial = tried.trial
    by = f" ({trial.by})" if trial.by else ""
    said = f"\n{trial.said}" if trial.verdict is Verdict.BROKEN else ""
    return f"{trial.verdict:<12}{trial.seconds:>4.0f} s  {tried.mutant.name}{by}{said}"


def told(results: Sequence[Tried], seconds: float) -> str:
    """The total, and once more the mutants that nothing found."""
    found = sum(each.trial.verdict.is_found for each in results)
    by_chaos = sum(each.trial.verdict.is_found and each.trial.by == "chaos" for each in results)
    lines = [f"{found} of {len(results)} mutants are found ({by_chaos} by chaos), {seconds:.0f} s."]
    lines += [line(each) for each in results if not each.trial.verdict.is_found]
    return "\n".join(lines)
