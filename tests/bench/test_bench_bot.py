"""The bot's figures are what they say: percentiles, multiples, and sentences with the aims."""

from __future__ import annotations

from tests.bench.acknowledging import compared
from tests.bench.bot_bench import AT_ONCE, told


def test_the_99th_percentiles_are_compared_and_the_medians_beside_them() -> None:
    bot, nothing = [0.002] * 197 + [0.030] * 3, [0.001] * 197 + [0.020] * 3
    found = compared([[each] for each in bot], [[each] for each in nothing])
    assert found["milliseconds"] == 30.0
    assert found["nothing_milliseconds"] == 20.0
    assert found["multiple"] == 1.5
    assert found["multiple_of_the_median"] == 2.0
    assert found["of"] == 200


def test_one_bad_round_of_many_commands_does_not_decide() -> None:
    usual, bad = [0.001] * 40 + [0.010] * 10, [0.5] * 50
    found = compared([usual, bad, usual], [usual, usual, usual])
    assert (found["milliseconds"], found["multiple"], found["of"]) == (10.0, 1.0, 150)


def test_the_figures_are_told_with_their_aims() -> None:
    one = compared([[0.003, 0.003]], [[0.002, 0.002]])
    card = {"milliseconds": 220.0, "chain_milliseconds": 184.0, "multiple": 1.2}
    at_once = {"acknowledgement": one, f"acknowledgement_of_{AT_ONCE}": one}
    lines = told({"card": card, **at_once, "asking": {"50": one, "200": one}})
    assert lines[0].startswith("command to card      220.0 ms    1.20 x   (aim: at most 1.3)")
    assert lines[1].startswith("ack, alone             3.0 ms    1.50 x   (aim: at most 1.5)")
    assert lines[2].startswith("ack, 50 at once        3.0 ms")
    assert lines[4].startswith("ask, 200 at once")
    assert "3.0 ms    1.50 x   (aim: at most 3)" in lines[4]
