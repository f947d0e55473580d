"""What must hold for a release: pure, from what git, the changelog and the built files say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_SECTION = re.compile(r"^## \[(?P<name>[^\]]+)\](?: - (?P<day>\S+))?[ \t]*$", re.MULTILINE)
_ENTRY = re.compile(r"^- \S", re.MULTILINE)
_AMOUNT = re.compile(r"\b\d+\.\d{2} USD\b")


class NotReleasable(Exception):
    """It cannot be released as it is; the sentence says why and what to do."""


def check_changelog(text: str, version: str) -> None:
    """The version has a dated section with entries, the newest below `[Unreleased]`."""
    if not _VERSION.fullmatch(version):
        raise NotReleasable(f"“{version}” in pyproject.toml is no version like 1.2.3.")
    sections = list(_SECTION.finditer(text))
    names = [section["name"] for section in sections]
    if names[:2] != ["Unreleased", version]:
        raise NotReleasable(
            f"CHANGELOG.md must begin with [Unreleased] and then [{version}], the version in "
            f"pyproject.toml. It begins with {', '.join(names[:2]) or 'no section'}."
        )
    if not _is_day(sections[1]["day"] or ""):
        raise NotReleasable(f"[{version}] in CHANGELOG.md has no date like 2026-11-30.")
    end = sections[2].start() if len(sections) > 2 else len(text)
    if not _ENTRY.search(text, sections[1].end(), end):
        raise NotReleasable(f"[{version}] in CHANGELOG.md says nothing. Write what changes.")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def check_tree(status: str) -> None:
    """`git status --porcelain` shows nothing: what is built is what is committed."""
    changed = [line[3:] for line in status.splitlines()]
    if changed:
        raise NotReleasable(f"The work tree is not clean. Commit or remove {', '.join(changed)}.")


def check_tag(tag: str, commit: str, head: str) -> bool:
    """Whether the tag is set already; `commit` is empty where there is none."""
    if commit and commit != head:
        raise NotReleasable(
            f"The tag {tag} names {commit[:12]}, not {head[:12]}. A released version is never "
            "changed: raise the version in pyproject.toml."
        )
    return bool(commit)


def check_same(first: Mapping[str, str], second: Mapping[str, str]) -> None:
    """Two builds gave the same files, by name and digest."""
    differing = sorted(dict(first.items() ^ second.items()))
    if differing:
        raise NotReleasable(f"Two builds of one commit differ in {', '.join(differing)}.")


def missing_files(tracked: Iterable[str], packed: Iterable[str]) -> list[str]:
    """The files of the packages that a wheel lacks."""
    return sorted(set(tracked) - set(packed))


def check_version(shown: str, version: str) -> None:
    """The installed program says that it is this version."""
    if shown.strip() != f"vmbackup {version}":
        raise NotReleasable(f"The wheel says “{shown.strip()}”, not “vmbackup {version}”.")


def check_estimate(shown: str) -> None:
    """An estimate at the shipped prices comes to an amount."""
    if not _AMOUNT.search(shown):
        raise NotReleasable(f"The estimate of the installed wheel has no amount:\n{shown}")


def remaining(tag: str, is_tagged: bool) -> list[str]:
    """The commands that a person runs now."""
    set_tag = f"    git tag -a {tag} -m 'vmbackup {tag.removeprefix('v')}'"
    push = f"    git push origin {tag}"
    return [push] if is_tagged else [set_tag, push]
