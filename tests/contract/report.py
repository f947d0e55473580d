"""What a tool showed at the stand-in: its checks, and each difference with its cause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from deploy.local.azure.server import UNKNOWN, AzureStandIn

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Difference:
    """Where the tool met something else than at Azure. Without a cause it is a failure."""

    what: str
    cause: str = ""

    def __str__(self) -> str:
        return f"{self.what}\n            cause: {self.cause or 'not known yet'}"


@dataclass
class Report:
    """One tool's checks."""

    tool: str
    passed: int = 0
    failed: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def bad(self) -> bool:
        return bool(self.failed) or any(not one.cause for one in self.differences)

    def check(self, label: str, told: str = "") -> None:
        """One check: `told` says what is wrong, and is empty where nothing is."""
        self.passed += not told
        self.failed += bool(told)
        print(f"{'failed' if told else 'ok    '}  {label}")
        if told:
            print(f"        {told}")

    def close(self) -> None:
        for one in self.differences:
            print(f"differs {one}")
        counted = f"{self.passed} passed, {self.failed} failed, {len(self.differences)} differences"
        print(f"{self.tool}: {counted}\n")


def not_served(standin: AzureStandIn, causes: Mapping[str, str]) -> Iterator[Difference]:
    """What was asked that the stand-in does not serve; `causes` are by a part of the path."""
    seen: dict[str, None] = {}
    for asked in standin.asked(UNKNOWN):
        seen.setdefault(f"{asked.method} {_GUID.sub('ID', asked.path)}")
    for line in seen:
        cause = next((cause for part, cause in causes.items() if part.lower() in line.lower()), "")
        yield Difference(f"{line} is not served", cause)
