"""`make contract`: tools that people use, unmodified, against the stand-in for Azure.

Each tool is taken from its flag, from the path, or is brought into a virtual environment of its
own; where that is not possible it is skipped, which is said. A difference has a cause, or the run
fails.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from tests.contract import azure_cli, cloud_custodian
from tests.contract.installing import NotInstallable, installed

TOOLS = {"az": azure_cli, "custodian": cloud_custodian}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make contract", description=__doc__)
    parser.add_argument("--az", help="the Azure CLI to use")
    parser.add_argument("--custodian", help="the Cloud Custodian to use")
    parser.add_argument("--only", choices=TOOLS, help="the one tool to run")
    chosen = vars(parser.parse_args(arguments))
    names = [chosen["only"]] if chosen["only"] else list(TOOLS)
    results = {name: _runs_badly(name, chosen[name]) for name in names}
    return 1 if any(results.values()) else 0


def _runs_badly(name: str, wanted: str | None) -> bool:
    module = TOOLS[name]
    try:
        program = installed(module.TOOL, wanted)
    except NotInstallable as error:
        print(f"skipped {name}: it cannot be installed here: {error}\n")
        return False
    report = asyncio.run(module.check(program))
    report.close()
    return report.bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
