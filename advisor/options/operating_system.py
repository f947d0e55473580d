"""Which operating system a VM runs, as far as its image and its agent tell.

Marketplace images name it (publisher, offer, SKU), the agent reports it (`az vm list -d`, the
instance view). A custom image without either is unknown, and unknown is not a no.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from advisor.model import Image, Verdict, Vm
from advisor.options.case import Case


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
#: SQL Server's images name the year of both: sql2022-ws2025 runs Windows Server 2025.
_YEAR = re.compile(r"20(?:08|12|16|19|22|25)")
_YEAR_OF_WINDOWS = re.compile(r"ws(20\d\d)")
_VERSION = re.compile(r"(?<![\d.])(\d{1,2})(?:[._-](\d{1,2}))?(?![\d])")
_NOT_RELEASES = re.compile(r"x86_64|x64|arm64|gen-?[12]\b")
#: Red Hat's images and those like it write 8.10 also as 8_10 and 810.
_COMPACT_FAMILIES = ("red hat", "centos", "oracle linux", "rocky", "alma")
_COMPACT = re.compile(r"(?<![\d.])(10|[5-9])(?:[._-]?(\d{1,2}))?(?!\d)")
_UBUNTU = re.compile(r"(?<!\d)(1[24680]|2\d)[._]?(04|10)(?!\d)")
#: SUSE's images write 15.5 as sles-15-sp5.
_SERVICE_PACK = re.compile(r"(?<=\d)[-_ ]?sp(?=\d)")

#: Publishers of network appliances and the like: a system of their own, in which the VM agent may
#: not run, whatever the image says of itself. No article lists them (azure-to-azure-support-
#: matrix, 2026-02-27, names Palo Alto alone as not supported); ours, 2026-11-29.
APPLIANCE_PUBLISHERS = frozenset(
    {
        "a10networks", "arista-networks", "aviatrix-systems", "barracudanetworks", "checkpoint",
        "cisco", "citrix", "decisosalesbv", "f5-networks", "forcepoint-llc", "fortinet",
        "fortinet-fortiweb", "imperva", "infoblox", "juniper-networks", "kemptech", "mikrotik",
        "netapp", "netgate", "nozominetworks", "opnsense", "paloaltonetworks", "progressmlt",
        "pulse-secure", "radware", "riverbed", "riverbed-technology", "silver-peak-systems",
        "sonicwall-inc", "sophos", "velocloud", "versa-networks", "vmware-inc", "vyos",
        "watchguard-technologies", "zscaler",
    }
)  # fmt: skip
#: Systems on which the VM agent does not run.
_WITHOUT_AGENT = frozenset({"coreos"})


def operating_system(vm: Vm) -> OperatingSystem:
    """What the VM runs: the agent's word before the image's."""
    if vm.os_name:
        return _read(f"{vm.os_name} {vm.os_version or ''}".lower())
    return _of_image(vm.image) if vm.image else UNKNOWN_SYSTEM


@lru_cache(maxsize=4096)
def _of_image(image: Image) -> OperatingSystem:
    if _of_appliance(image):
        return UNKNOWN_SYSTEM
    return _read(" ".join(filter(None, (image.publisher, image.offer, image.sku))).lower())


@lru_cache(maxsize=4096)
def _read(text: str) -> OperatingSystem:
    for family, pattern in _FAMILIES:
        if re.search(pattern, text):
            return OperatingSystem(family, _version(family, text))
    return UNKNOWN_SYSTEM


def _version(family: str, text: str) -> tuple[int, ...]:
    if family == "windows server":
        year = _YEAR_OF_WINDOWS.search(text) or _YEAR.search(text)
        return (int(year[0].removeprefix("ws")),) if year else ()
    if family == "suse":
        text = _SERVICE_PACK.sub(".", text)
    text = _NOT_RELEASES.sub(" ", text)
    if family in _COMPACT_FAMILIES:
        release = _COMPACT.search(text)
        return tuple(int(part) for part in release.groups() if part) if release else ()
    if family == "ubuntu":
        release = _UBUNTU.search(text)
        return (int(release[1]), int(release[2])) if release else ()
    found = _VERSION.search(text)
    return tuple(int(part) for part in found.groups() if part) if found else ()


# --- the VM agent ----------------------------------------------------------------------------


def is_appliance(vm: Vm) -> bool:
    """Whether the VM is, or may well be, an appliance: by its publisher, or by a marketplace plan
    of a system that is not known (the plan of a hardened Ubuntu makes none).
    """
    if vm.image and _of_appliance(vm.image):
        return True
    return bool(vm.plan) and operating_system(vm) == UNKNOWN_SYSTEM


def _of_appliance(image: Image) -> bool:
    return bool(image.publisher) and str(image.publisher).lower() in APPLIANCE_PUBLISHERS


def agent_certainty(case: Case) -> Verdict:
    """Whether the Azure VM agent runs in the VM, on which consistent points rest.

    Yes: the agent itself reports, or a marketplace image of a known system brings it. No: it is
    known to be absent or doubtful, because it was not provisioned, reports that it is not ready,
    or the VM is an appliance. Unknown: an image without publisher (a gallery's, a specialised
    disk's). It is a "no" of certainty and never one of Azure Backup: crash consistency remains.
    """
    vm = case.vm
    if vm.agent_status:
        return Verdict.YES if vm.agent_status.lower() == "ready" else Verdict.NO
    if vm.os_name:  # only the agent reports it
        return Verdict.YES
    if vm.agent_provisioned is False or is_appliance(vm):
        return Verdict.NO
    system = operating_system(vm)
    if system.family in _WITHOUT_AGENT:
        return Verdict.NO
    return Verdict.UNKNOWN if system == UNKNOWN_SYSTEM else Verdict.YES


def agent_condition(case: Case) -> str:
    """The clause after "if" on which the agent's points are consistent; empty where it is sure."""
    if agent_certainty(case) is Verdict.YES:
        return ""
    if is_appliance(case.vm):
        return "the VM agent runs in this appliance"
    if case.vm.agent_provisioned is False:
        return "the VM agent is installed in it"
    return "the VM agent runs in it"
