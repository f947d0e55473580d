"""`python -m deploy.local.leash MODULE ...`: a program that ends with its parent process.

Standard input is a pipe that the parent never writes to. The system closes it when the parent ends,
killed or not; the program then gets SIGTERM, and after some seconds it exits in any case.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

_STOP_SECONDS = 20.0


def main(arguments: list[str]) -> None:
    """Run a module as `python -m` does, with the words after its name as its arguments."""
    threading.Thread(target=_watch, name="leash", daemon=True).start()
    sys.argv = arguments
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)


def _watch() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_STOP_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
