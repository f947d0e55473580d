"""Where what belongs to the user is kept: prices of one's own, and the ledger of estimates.

Not the cache: what is lost with a cache comes back by itself, and these do not.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

STATE_DIR_VARIABLE = "VMBACKUP_STATE_DIR"


def state_directory() -> Path:
    """The user's state directory, or the one named by VMBACKUP_STATE_DIR."""
    named = os.environ.get(STATE_DIR_VARIABLE)
    if named:
        return Path(named)
    if str(sys.platform) == "linux":  # mypy would take the rest for dead
        # What platformdirs does there; loading it takes a twentieth of an advice.
        base = os.environ.get("XDG_STATE_HOME", "").strip() or "~/.local/state"
        return Path(base).expanduser() / "vmbackup"
    from platformdirs import user_state_dir

    return Path(user_state_dir("vmbackup", appauthor=False))
