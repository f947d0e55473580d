"""Files that are no JSON, by name: what each is taken for, and what to do instead.

A row tells one format by its bytes or its first lines. The order matters: the first that fits is
said. What fits none is JSON that is damaged, and `documents` says where.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from advisor.words import clean

AS_JSON = "Export it again with az … -o json."
_AS_JSON_ANYWHERE = "Write it with -o json; in PowerShell with ConvertTo-Json -Depth 20."
_HEAD = 16_384  #: characters that are looked at
_SHOWN = 160  #: characters of a line of the file that an error repeats


class BinaryFormat(NamedTuple):
    """A file that is no text, told by its first bytes."""

    starts: bytes
    sentences: str  #: what it is and what to do


BINARY_FORMATS = (
    BinaryFormat(b"PK\x03\x04", f"It is a zip archive or an Excel workbook, not JSON. {AS_JSON}"),
    BinaryFormat(b"\xd0\xcf\x11\xe0", f"It is an old Office document, not JSON. {AS_JSON}"),
    BinaryFormat(b"\x1f\x8b", "It is compressed by gzip. Unpack it first: gunzip FILE."),
    BinaryFormat(b"BZh", "It is compressed by bzip2. Unpack it first: bunzip2 FILE."),
    BinaryFormat(b"\xfd7zXZ\0", "It is compressed by xz. Unpack it first: unxz FILE."),
    BinaryFormat(b"7z\xbc\xaf", "It is a 7-Zip archive. Unpack it first."),
    BinaryFormat(b"(\xb5/\xfd", "It is compressed by zstd. Unpack it first: unzstd FILE."),
    BinaryFormat(b"%PDF", f"It is a PDF document, not JSON. {AS_JSON}"),
    BinaryFormat(b"\x89PNG", f"It is a picture, not JSON. {AS_JSON}"),
    BinaryFormat(b"\xff\xd8\xff", f"It is a picture, not JSON. {AS_JSON}"),
    BinaryFormat(b"SQLite format 3", f"It is a database, not JSON. {AS_JSON}"),
    BinaryFormat(b"PAR1", f"It is a Parquet file, not JSON. {AS_JSON}"),
    BinaryFormat(b"\x7fELF", f"It is a program, not JSON. {AS_JSON}"),
    BinaryFormat(b"MZ\x90", f"It is a program, not JSON. {AS_JSON}"),
)
_ONLY_ZEROS = (
    "It holds nothing but zero bytes, as when the disk was full while it was written. "
    "Make room and export it again."
)


def binary_format(content: bytes) -> str:
    """What a file that is no text is and what to do, as sentences; empty where none is known."""
    if content and not content.strip(b"\0"):
        return _ONLY_ZEROS
    return next((one.sentences for one in BINARY_FORMATS if content.startswith(one.starts)), "")


class TextFormat(NamedTuple):
    """A text that is no JSON, told by its first lines.

    `{line}` in the sentences stands for the line that tells it. `beside`: whether it is refused
    beside whole JSON too; what else stands there (a warning, a prompt) is left aside.
    """

    name: str
    tells: str  #: a regular expression, its `^` at each line, in any case
    sentences: str
    beside: bool = False


_WORD = r"[\w.$-]+"
TEXT_FORMATS = (
    TextFormat(
        "coloured JSON",
        r"\x1b\[",
        "It is coloured for a terminal, as -o jsonc and -o yamlc write it. Write it with -o json.",
    ),
    TextFormat(
        "a web page",
        r"\A\s*<(?:!doctype\s+html|html|head|body)\b",
        "It is a web page, perhaps one to sign in with, and not what Azure's API answers. "
        "Sign in with az login, then export it with az … -o json.",
    ),
    TextFormat(
        "PowerShell's XML",
        r"\A\s*(?:#< CLIXML\s*)?<Objs\b",
        "It is PowerShell's own XML (Export-Clixml). Write it with ConvertTo-Json -Depth 20.",
    ),
    TextFormat("XML", r"\A\s*<(?:\?xml|[A-Za-z][\w:-]*[\s>])", f"It is XML, not JSON. {AS_JSON}"),
    TextFormat(
        "an HTTP answer",
        r"\A\s*HTTP/\d",
        "It holds the headers of an HTTP answer and no JSON after them. Sign in, and ask again "
        "with az rest.",
    ),
    TextFormat(
        "a git conflict",
        r"^<{7} ",
        "It holds the marks of a git merge that is not finished. Finish it, or export again.",
        beside=True,
    ),
    TextFormat(
        "a Git LFS pointer",
        r"\Aversion https://git-lfs",
        "It is a pointer of Git LFS and not the file. Fetch the file first: git lfs pull.",
    ),
    TextFormat(
        "an error of az",
        r"^(?P<line>ERROR: .*|.*\baz(?:\.exe|\.cmd)?: (?:command )?not found.*"
        r"|'az' is not recognized .*|.*Please run 'az login'.*|usage: az .*"
        r"|The command failed with an unexpected error.*)$",
        "az wrote an error in place of a list: “{line}” Mend that and export again.",
        beside=True,
    ),
    TextFormat(
        "an error of PowerShell",
        r"^(?P<line>\S+ ?: .*)\n(?:.*\n){0,6}?.*(?:CategoryInfo|FullyQualifiedErrorId|Line \|)"
        r"|^(?P<line2>.*Run Connect-AzAccount to login.*)$",
        "PowerShell wrote an error in place of a list: “{line}” Mend that and export again.",
        beside=True,
    ),
    TextFormat(
        "a table",
        r"^[ \t]*-{2,}(?:[ \t]+-{2,})*[ \t]*$|^[┌├╭+][─┬┼+-]{3,}|^\|[ :-]+\|[ |:-]*$",
        f"It is a table, as -o table and Format-Table write it. {_AS_JSON_ANYWHERE}",
        beside=True,
    ),
    TextFormat(
        "a list for the screen",
        rf"\A\s*{_WORD}[ \t]+: .*\n{_WORD}[ \t]+: ?",
        "It is what PowerShell shows on the screen. Write it with ConvertTo-Json -Depth 20.",
    ),
    TextFormat(
        "Terraform",
        r'^(?:resource|data|variable|provider|module|output)\s+"[^"\n]+".*\{|^terraform\s*\{',
        f"It is Terraform's code: what is to be made, not what there is in Azure. {AS_JSON}",
    ),
    TextFormat(
        "Bicep",
        r"^(?:targetScope\s*=|param\s+\w+\s+\w+|resource\s+\w+\s+'[^'\n]+')",
        f"It is a Bicep file: what is to be made, not what there is in Azure. {AS_JSON}",
    ),
    TextFormat(
        "Python's writing",
        r"\A\s*\[?\s*\{\s*'",
        "It is written as Python prints it, with single quotes. Write it with json.dumps, or "
        "export it again with az … -o json.",
    ),
    TextFormat(
        "CSV",
        r"\A\s*(?:#TYPE .*|sep=.|\"?\w[\w.$ -]*\"?(?P<mark>[,;])\"?\w[\w ]*\"?"
        r"(?:(?P=mark).*)?)\s*$",
        f"It is CSV, as the portal's Export to CSV and ConvertTo-Csv write it. {_AS_JSON_ANYWHERE}",
    ),
    TextFormat(
        "TSV",
        r"\A\s*[^\s{\[][^\n\t]*\t",
        "It is tab-separated (-o tsv). Write it with -o json.",
    ),
    TextFormat(
        "YAML",
        rf"\A\s*(?:---\s*$|%YAML|(?:- )?{_WORD}:(?: .*)?$)",
        "It is YAML (-o yaml). Write it with -o json.",
    ),
    TextFormat(
        "a note",
        r"\A\s*(?:# |```)",
        "It is a note or a script, not what az printed. Write az's answer alone into a file: "
        "az vm list -o json > vms.json.",
    ),
)


def text_format(text: str, *, beside: bool = False) -> str:
    """What a text that is no JSON is and what to do, as sentences; empty where none fits.

    `beside`: the text is what stands around whole JSON.
    """
    head = text.lstrip()[:_HEAD].replace("\r\n", "\n")
    for row in TEXT_FORMATS:
        if row.beside or not beside:
            found = re.search(row.tells, head, re.MULTILINE | re.IGNORECASE)
            if found:
                return row.sentences.replace("{line}", _line(found))
    return ""


def _line(found: re.Match[str]) -> str:
    said = next((text for text in found.groupdict().values() if text), found[0])
    return shown(said)


def shown(line: str) -> str:
    """A line of a file, short and without what a terminal would obey."""
    text = clean(line).strip()
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
