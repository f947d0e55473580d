"""When Python's collector of cyclic garbage runs: seldom."""

from __future__ import annotations

import gc

#: Objects made before Python looks for cycles, instead of 700: importing modules makes thousands
#: that stay, and the advice on one VM thousands that go with their last reference. Ours. What a
#: bot that serves makes is collected by bot/garbage.py.
MADE_BETWEEN_LOOKS = 50_000


def seek_cycles_seldom() -> None:
    """Of this process from now on; where it looks as seldom already, or never, that stays.

    An advice makes no cycle: the collector would walk thousands of values for each VM of a fleet
    and find nothing.
    """
    made, *older = gc.get_threshold()
    if 0 < made < MADE_BETWEEN_LOOKS:
        gc.set_threshold(MADE_BETWEEN_LOOKS, *older)
