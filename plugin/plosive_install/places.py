# SPDX-License-Identifier: Apache-2.0
"""Where each system keeps what the hosts read and what Plosive writes for them.

Resolve's folders are those of its scripting README (21.1), Nuke's those of its guide ("Defining the Nuke
Plug-in Path", "Loading Gizmos, NDK Plug-ins, and Python and Tcl Scripts").
"""

from __future__ import annotations

from pathlib import Path

from plosive_install.machine import Machine

__all__ = [
    "app_store_fusion_folders",
    "data_folder",
    "emergency_log",
    "host_config",
    "host_log",
    "nuke_path_folders",
    "nuke_user_folder",
    "resolve_log",
    "resolve_shared_fusion_folders",
    "resolve_user_fusion_folder",
    "sighting",
    "store_folder",
]

_RESOLVE = Path("Blackmagic Design") / "DaVinci Resolve"


def data_folder(machine: Machine) -> Path:
    """Of Plosive, as plosive_host.folders has it."""
    if machine.environment.get("PLOSIVE_HOST_DATA"):
        return Path(machine.environment["PLOSIVE_HOST_DATA"])
    if machine.is_windows:
        local = machine.folder("LOCALAPPDATA", machine.home / "AppData" / "Local")
        return local / "Plosive" / "Data"
    if machine.is_mac:
        return machine.home / "Library" / "Application Support" / "Plosive"
    return machine.folder("XDG_DATA_HOME", machine.home / ".local" / "share") / "plosive"


def store_folder(machine: Machine, host: str) -> Path:
    """Where a host's packages lie, one folder a version, and the list of what is installed."""
    return data_folder(machine) / "hosts" / host


def host_config(machine: Machine) -> Path:
    """host.json, which names the Python that runs Plosive."""
    return machine.folder("PLOSIVE_HOST_CONFIG", data_folder(machine) / "host.json")


def host_log(machine: Machine, host: str) -> Path:
    """What Plosive's scripts in a host ("resolve", "nuke") say."""
    return data_folder(machine) / "logs" / f"host-{host}.log"


def sighting(machine: Machine, host: str) -> Path:
    """What a host ("resolve", "nuke", "hiero") was seen to be when it last ran Plosive."""
    return data_folder(machine) / f"seen-{host}.json"


def emergency_log(machine: Machine, host: str) -> Path:
    """Where an entry file writes why it could not even load its package; beside other temporary files."""
    names = ("TEMP", "TMP") if machine.is_windows else ("TMPDIR",)
    told = next((machine.environment[name] for name in names if machine.environment.get(name)), "")
    return Path(told or machine.root / "tmp") / f"plosive-host-{host}.log"


def resolve_user_fusion_folder(machine: Machine) -> Path:
    """It holds `Scripts`, which Resolve reads when it starts."""
    if machine.is_windows:
        roaming = machine.folder("APPDATA", machine.home / "AppData" / "Roaming")
        return roaming / _RESOLVE / "Support" / "Fusion"
    if machine.is_mac:
        return machine.home / "Library" / "Application Support" / _RESOLVE / "Fusion"
    return machine.home / ".local" / "share" / "DaVinciResolve" / "Fusion"


def resolve_shared_fusion_folders(machine: Machine) -> tuple[Path, ...]:
    """The same for all users of the machine."""
    if machine.is_windows:
        return (machine.folder("PROGRAMDATA", Path("C:/ProgramData")) / _RESOLVE / "Fusion",)
    if machine.is_mac:
        return (machine.root / "Library" / "Application Support" / _RESOLVE / "Fusion",)
    return (machine.root / "opt/resolve/Fusion", machine.root / "home/resolve/Fusion")


def app_store_fusion_folders(machine: Machine) -> tuple[Path, ...]:
    """Of Resolve from the Mac App Store, which sees nothing but its own container."""
    if not machine.is_mac:
        return ()
    containers = machine.home / "Library" / "Containers"
    found = sorted(containers.glob("com.blackmagic-design.DaVinciResolve*")) if containers.is_dir() else []
    return tuple(path / "Data" / "Library" / "Application Support" / "Fusion" for path in found)


def resolve_log(machine: Machine) -> Path:
    """Resolve's own; a line of it names its edition and version."""
    if machine.is_windows:
        roaming = machine.folder("APPDATA", machine.home / "AppData" / "Roaming")
        folder = roaming / _RESOLVE / "Support" / "logs"
    elif machine.is_mac:
        folder = machine.home / "Library" / "Application Support" / _RESOLVE / "logs"
    else:
        folder = machine.home / ".local" / "share" / "DaVinciResolve" / "logs"
    return folder / "ResolveDebug.txt"


def nuke_user_folder(machine: Machine) -> Path:
    """`.nuke`; on Windows in HOME where that is set, else in the user's profile."""
    home = machine.folder("HOME", machine.home) if machine.is_windows else machine.home
    return home / ".nuke"


def nuke_path_folders(machine: Machine) -> tuple[Path, ...]:
    """NUKE_PATH, first to last."""
    separator = ";" if machine.is_windows else ":"
    told = machine.environment.get("NUKE_PATH", "")
    return tuple(Path(part) for part in told.split(separator) if part)
