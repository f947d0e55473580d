"""The bill of materials of a release: CycloneDX 1.6, from the pinned requirements.

Made of `requirements/run.txt` (names, versions, hashes) and of what the installed packages say of
their licences. A licence that nobody states is left out, never guessed.
"""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

_PINNED = re.compile(r"^(?P<name>[\w.-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_CLASSIFIER = "License :: OSI Approved :: "


class Pinned(NamedTuple):
    """One requirement: the SHA-256 of each file that may be installed for it."""

    name: str
    version: str
    hashes: tuple[str, ...]


def pinned(text: str) -> Iterator[Pinned]:
    """The requirements of a locked file."""
    found = list(_PINNED.finditer(text))
    ends = [each.start() for each in found[1:]] + [len(text)]
    for each, end in zip(found, ends, strict=True):
        hashes = _HASH.findall(text[each.start() : end])
        yield Pinned(each["name"].lower(), each["version"], tuple(hashes))


def licence_of(name: str) -> str:
    """What the installed package says: an expression, else a classifier; empty for neither."""
    try:
        said = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""  # of another platform
    if expression := _first(said, "License-Expression"):
        return expression
    classifiers = said.get_all("Classifier") or []
    named = [each.removeprefix(_CLASSIFIER) for each in classifiers if _CLASSIFIER in each]
    short = _first(said, "License")
    return " AND ".join(named) or (short if "\n" not in short and len(short) < 80 else "")


def _first(said: importlib.metadata.PackageMetadata, field: str) -> str:
    return str((said.get_all(field) or [""])[0])


def bill_of_materials(requirements: Path, version: str) -> str:
    """The document as JSON; the same for the same requirements, but for its time and number."""
    bom = Bom()
    bom.metadata.component = Component(
        name="vmbackup", version=version, type=ComponentType.APPLICATION, bom_ref="vmbackup"
    )
    for each in pinned(requirements.read_text(encoding="utf-8")):
        component = _component(each)
        bom.components.add(component)
        bom.register_dependency(bom.metadata.component, [component])
    shown: str = JsonV1Dot6(bom).output_as_string(indent=2)
    return shown


def _component(each: Pinned) -> Component:
    licence = licence_of(each.name)
    url = PackageURL("pypi", None, each.name, each.version)
    return Component(
        name=each.name,
        version=each.version,
        type=ComponentType.LIBRARY,
        bom_ref=url.to_string(),
        purl=url,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in each.hashes],
        licenses=[_licence(licence)] if licence else [],
    )


def _licence(text: str) -> License:
    found: License = LicenseFactory().make_from_string(text)
    return found
