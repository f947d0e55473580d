"""Which operating system a VM runs, as far as its image and its agent tell.

Marketplace images name it (publisher, offer, SKU), the agent reports it (`az vm list -d`, the
instance view). A custom image without either is unknown, and unknown is not a no.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from advisor.model import Image, Vm


class OperatingSystem(NamedTuple):
    """Family and version; an empty family is not known, an empty version neither."""

    family: str
    version: tuple[int, ...] = ()

    def __str__(self) -> str:
        parts = [f"{part:02}" if self.family == "ubuntu" else str(part) for part in self.version]
        return f"{self.family.title()} {'.'.join(parts)}".strip()


UNKNOWN_SYSTEM = OperatingSystem("")

#: Words in an image's publisher, offer and SKU or in what the agent reports, first match wins.
_FAMILIES = (
    ("windows server", r"windows ?server|microsoftwindowsserver|windowsserver"),
    ("windows server", r"microsoftsqlserver.*ws20\d\d|sql.*-ws20\d\d"),
    ("windows", r"windows[- ]?1[01]|microsoftwindowsdesktop|windows[- ]?[78]|win1[01]"),
    ("ubuntu", r"ubuntu|canonical"),
    ("red hat", r"red ?hat|rhel"),
    ("suse", r"suse|sles"),
    ("debian", r"debian"),
    ("oracle linux", r"oracle"),
    ("rocky", r"rocky|resf"),
    ("alma", r"alma"),
    ("centos", r"centos|openlogic"),
    ("coreos", r"coreos|flatcar|kinvolk"),
    ("azure linux", r"azure-?linux|mariner"),
)
_YEAR = re.compile(r"20(?:08|12|16|19|22|25)")
_VERSION = re.compile(r"(?<![\d.])(\d{1,2})(?:[._-](\d{1,2}))?(?![\d])")
_NOT_RELEASES = re.compile(r"x86_64|x64|arm64|gen-?[12]\b")
#: Red Hat's images and those like it write 8.10 also as 8_10 and 810.
_COMPACT_FAMILIES = ("red hat", "centos", "oracle linux", "rocky", "alma")
_COMPACT = re.compile(r"(?<![\d.])(10|[5-9])(?:[._-]?(\d{1,2}))?(?!\d)")
_UBUNTU = re.compile(r"(?<!\d)(1[24680]|2\d)[._]?(04|10)(?!\d)")


def operating_system(vm: Vm) -> OperatingSystem:
    """What the VM runs: the agent's word before the image's."""
    if vm.os_name:
        return _read(f"{vm.os_name} {vm.os_version or ''}".lower())
    return _of_image(vm.image) if vm.image else UNKNOWN_SYSTEM


@lru_cache(maxsize=4096)
def _of_image(image: Image) -> OperatingSystem:
    return _read(" ".join(filter(None, (image.publisher, image.offer, image.sku))).lower())


@lru_cache(maxsize=4096)
def _read(text: str) -> OperatingSystem:
    for family, pattern in _FAMILIES:
        if re.search(pattern, text):
            return OperatingSystem(family, _version(family, text))
    return UNKNOWN_SYSTEM


def _version(family: str, text: str) -> tuple[int, ...]:
    if family == "windows server":
        year = _YEAR.search(text)
        return (int(year[0]),) if year else ()
    text = _NOT_RELEASES.sub(" ", text)
    if family in _COMPACT_FAMILIES:
        release = _COMPACT.search(text)
        return tuple(int(part) for part in release.groups() if part) if release else ()
    if family == "ubuntu":
        release = _UBUNTU.search(text)
        return (int(release[1]), int(release[2])) if release else ()
    found = _VERSION.search(text)
    return tuple(int(part) for part in found.groups() if part) if found else ()
