"""What the terminal cannot show is written as what it can: never a mark of doubt for our own."""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.cli.signs import NO_SIGN, SIGNS, show_signs

ROOT = Path(__file__).parents[2]
VMBACKUP = str(Path(sys.executable).with_name("vmbackup"))
SAMPLE = str(ROOT / "deploy" / "local" / "sample-inventory.json")
#: ASCII, and the code pages that Windows has in Western Europe, the Americas, Russia and Japan.
ENCODINGS = ("ascii", "cp1252", "cp437", "cp850", "cp1251", "cp866", "cp932", "latin-1")


def written(text: str, encoding: str) -> bytes:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding, newline="\n")
    show_signs(stream)
    stream.write(text)
    stream.flush()
    return buffer.getvalue()


def ran(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [VMBACKUP, *words],
        capture_output=True,
        env={
            **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
            "PATH": os.defpath,
            "HOME": "/nowhere",
            "COLUMNS": "100",
            "VMBACKUP_OFFLINE": "1",
            **environment,
        },
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_has_a_stand_in_that_every_terminal_shows(sign: str) -> None:
    assert SIGNS[sign].isascii()
    assert SIGNS[sign].isprintable()
    assert written(sign, "ascii").decode() == SIGNS[sign]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_encoding_keeps_the_signs_that_it_has(encoding: str) -> None:
    for sign, instead in SIGNS.items():
        try:
            expected = sign.encode(encoding)
        except UnicodeEncodeError:
            expected = instead.encode(encoding)
        assert written(sign, encoding) == expected


@given(st.text(), st.sampled_from(ENCODINGS))
def test_no_text_fails_in_any_encoding(text: str, encoding: str) -> None:
    shown = written(text, encoding).decode(encoding)
    assert shown or not text
    if text.isascii():
        assert shown == text


def test_a_letter_that_the_encoding_lacks_is_a_question_mark() -> None:
    assert written("“Münch 東”", "ascii") == f'"M{NO_SIGN}nch {NO_SIGN}"'.encode()


def test_every_sign_that_the_product_writes_has_a_stand_in() -> None:
    """Add what is missing to SIGNS of advisor/cli/signs.py, with the ASCII to write for it."""
    lacking = {
        (sign, str(path.relative_to(ROOT)))
        for path in (*ROOT.glob("advisor/**/*.py"), *ROOT.glob("bot/**/*.py"))
        for sign in signs_in(path)
        if sign not in SIGNS and sign not in ON_CARDS
    }
    assert lacking == set()


#: These are looked for in what strangers wrote; they are not written.
LOOKED_FOR = {"\u2800", "\ufffd", *"┌┬├┼╭"}
#: These stand on cards in Slack alone.
ON_CARDS = {*"🔴🟠🟡🟢⚪", "\ufe0f"}


def signs_in(path: Path) -> set[str]:
    """The signs in a file's strings that are neither ASCII nor letters nor unseen."""
    strings = (
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {
        sign
        for text in strings
        for sign in text
        if not sign.isascii() and not sign.isalpha() and sign.isprintable()
    } - LOOKED_FOR


# --- the program -----------------------------------------------------------------------------

ADVICE = ("advise", "web-01", "--inventory", SAMPLE)
IN_ASCII = ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX"})


@pytest.mark.parametrize("environment", IN_ASCII, ids=str)
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("advise", "--help"), '# From Azure, with the account of "az login"'),
        (("advize",), 'There is no command "advize". Did you mean "advise"?'),
        (("advise", "x", "--rpo", "soon"), '"soon" is not a duration.'),
        (("advise", "web-1", "--inventory", SAMPLE), 'There is no VM called "web-1"'),
        (ADVICE, "web-01   * unprotected\nrg-shop-prod"),
        ((*ADVICE, "--markdown"), "# web-01"),
        (("prices", "show"), "westeurope"),
        (("estimate", "snapshots", "--region", "westeurope", "--disk", "Premium_LRS:128"), "USD"),
        ((), "Usage: vmbackup"),
    ],
    ids=lambda each: " ".join(each)[:20],
)
def test_help_text_and_errors_are_ascii_where_nothing_else_is_shown(
    words: tuple[str, ...], said: str, environment: dict[str, str]
) -> None:
    shown = ran(*words, **environment)
    text = (shown.stdout + shown.stderr).decode("ascii")
    assert said in text
    assert "Traceback" not in text


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_is_shown_has_no_sign_of_doubt_in_any_code_page(encoding: str) -> None:
    for words in (ADVICE, ("advise", "--help"), ("prices", "show", "--region", "westeurope")):
        shown = ran(*words, PYTHONIOENCODING=encoding)
        assert (shown.returncode, shown.stderr) == (0, b"")
        assert NO_SIGN not in shown.stdout.decode(encoding)


def test_a_terminal_that_shows_all_gets_the_signs_as_they_are() -> None:
    for environment in ({}, {"LANG": "C.UTF-8"}, {"PYTHONUTF8": "1", "LC_ALL": "C"}):
        shown = ran("advise", "--help", **environment).stdout.decode("utf-8")
        assert "# From Azure, with the account of “az login”" in shown


def with_a_letter(folder: Path) -> str:
    document = json.loads(Path(SAMPLE).read_text(encoding="utf-8"))
    text = json.dumps(document).replace("rg-shop-prod", "rg-büro-prod")
    (folder / "own.json").write_text(text, encoding="utf-8")
    return str(folder / "own.json")


@pytest.mark.parametrize("environment", [{"PYTHONIOENCODING": "cp437"}, *IN_ASCII], ids=str)
def test_json_is_json_with_every_letter_in_any_encoding(
    environment: dict[str, str], tmp_path: Path
) -> None:
    own = with_a_letter(tmp_path)
    shown = ran("advise", "web-01", "--inventory", own, "--json", **environment)
    plain = ran("advise", "web-01", "--inventory", own, "--json")
    document = json.loads(shown.stdout.decode("ascii"))
    assert document["vm"]["resource_group"] == "rg-büro-prod"
    assert document.keys() == json.loads(plain.stdout).keys()
    assert "büro".encode() in plain.stdout


def test_a_name_keeps_its_letters_under_the_locale_c(tmp_path: Path) -> None:
    """As Python would write them; only our own signs give way."""
    own = with_a_letter(tmp_path)
    shown = ran("advise", "web-01", "--inventory", own, LC_ALL="C").stdout
    assert "\nrg-büro-prod, westeurope".encode() in shown
