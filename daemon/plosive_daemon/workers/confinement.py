# SPDX-License-Identifier: Apache-2.0
"""The roots, held by the kernel: whatever a library in a worker opens, for whatever reason, by whatever name.

Linux, Landlock (landlock(7); kernel documentation, "Landlock: unprivileged access control"). It looks at
what is opened, not at what it is called: links swapped in between, files that a source refers to and ways
through /proc all end at the same door. macOS and Windows have nothing like it that a process could ask for.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from plosive.user_folders import cache_root, daemon_folder, weights_folder
from plosive_daemon.settings import DaemonSettings
from plosive_daemon.workers.session import WorkerSettings

__all__ = ["confine", "hold_to_roots", "is_confinable", "sentence_of"]

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION_FLAG, _PATH_BENEATH, _SET_NO_NEW_PRIVS, _O_PATH = 1, 1, 38, 0o10000000
_LEAST_ABI = 2
"""Linux 5.19: from there on files may be renamed and linked from folder to folder."""
_WRITE_FILE, _READ_FILE, _READ_DIR, _REFER, _TRUNCATE = 1 << 1, 1 << 2, 1 << 3, 1 << 13, 1 << 14
_CHANGE_FOLDERS = 0b1_1111_1111 << 4  # remove and make: folders, files, links, pipes, sockets, devices
_READ = _READ_FILE | _READ_DIR
_OF_FILES = _WRITE_FILE | _READ_FILE | _TRUNCATE
_TRUNCATE_ABI, _NETWORK_ABI = 3, 4
_ALL_TCP = 0b11  # bind and connect
_DEVICES = ("null", "zero", "full", "random", "urandom", "shm", "nvidia*", "dri", "kfd")
_CACHES = {"MPLCONFIGDIR": "matplotlib", "NUMBA_CACHE_DIR": "numba", "CUDA_CACHE_PATH": "cuda"}
"""Where libraries are told to keep what they would keep in the user's home folder."""


def is_confinable() -> bool:
    """Whether this system can hold a process to folders."""
    return _abi() >= _LEAST_ABI


def hold_to_roots(settings: WorkerSettings) -> str:
    """Confine this process to the roots of `settings` and to what it needs to work at all; a sentence for its
    log on what came of it. Raises OSError.
    """
    written = [Path(root) for root in settings.write_roots]
    own = [*(Path(folder) for folder in settings.own_folders), *_own_folders()]
    read = [*(Path(root) for root in settings.read_roots), *_system_folders()]
    if confine(read, [*written, *own]):
        return "The kernel holds this worker to the roots."
    return "This system's kernel cannot hold a worker to the roots; its paths are checked all the same."


def sentence_of(settings: DaemonSettings) -> str:
    """Whether workers of a daemon with `settings` are held to the roots, and why not; empty without roots."""
    if not (settings.read_roots or settings.write_roots):
        return ""
    if settings.confinement == "off":
        return "the kernel does not hold workers to the roots: 'confinement' is off"
    if not settings.is_confined:
        return "the kernel does not hold workers to the roots: that needs both read and write roots"
    if not is_confinable():
        return "this system's kernel cannot hold workers to the roots; their paths are checked all the same"
    return "the kernel holds workers to the roots"


def confine(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """From now on this thread, and all threads and processes that it starts, read only beneath `readable` and
    `writable`, write only beneath `writable`, and reach nobody over TCP (Linux 6.7 and newer). There is no
    way back. Whether it is so; False where the system cannot. Folders that do not exist are left out.

    Raises OSError where the system can, but refuses.
    """
    abi = _abi()
    if abi < _LEAST_ABI:
        return False
    write = _WRITE_FILE | _CHANGE_FOLDERS | _REFER | (_TRUNCATE if abi >= _TRUNCATE_ABI else 0)
    attributes = struct.pack("=QQ", _READ | write, _ALL_TCP if abi >= _NETWORK_ABI else 0)
    ruleset = _call(_CREATE_RULESET, attributes, len(attributes) if abi >= _NETWORK_ABI else 8, 0)
    try:
        for folder in readable:
            _allow(ruleset, folder, _READ)
        for folder in writable:
            _allow(ruleset, folder, _READ | write)
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "no new privileges cannot be given up")
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return True


def _system_folders() -> tuple[Path, ...]:
    """What programs and libraries themselves are made of, Python's and ours included, what they have cached,
    weights, and the OCIO config that the environment names with what lies beside it. To be read, not written.
    """
    system = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc", "/opt", "/nix/store", "/sys")
    python = [sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(sys.executable), *sys.path]
    python += _places_of_editable_packages()
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    caches = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    cached = [os.path.join(caches, name) for name in ("matplotlib", "torch", "fontconfig")]
    config = os.environ.get("OCIO", "")
    beside = os.path.dirname(config) if os.path.isabs(config) else ""
    places = [*system, *python, *libraries, *cached, str(weights_folder()), beside]
    real = [os.path.realpath(place) for place in places if place]
    return tuple(Path(place) for place in dict.fromkeys((*places, *real)) if place)


def _places_of_editable_packages() -> list[str]:
    """Packages under development lie where sys.path does not say (setuptools: `__editable__` finders)."""
    finders = [module for name, module in list(sys.modules.items()) if name.startswith("__editable__")]
    return [os.path.dirname(str(place)) for one in finders for place in getattr(one, "MAPPING", {}).values()]


def _own_folders() -> tuple[Path, ...]:
    """Where a worker itself writes: devices and shared memory, temporary files, Plosive's cache, and of the
    daemon's folder what jobs have made so far and known results; not its token, nor its queue.

    Nothing that other programs would run: what libraries compile goes to a folder that only such workers use.
    """
    cache, daemon = cache_root(), daemon_folder()
    for variable, name in _CACHES.items():
        os.environ.setdefault(variable, str(cache / "workers" / name))
    with suppress(OSError):
        (cache / "workers").mkdir(parents=True, exist_ok=True, mode=0o700)
    devices = [path for name in _DEVICES for path in Path("/dev").glob(name)]
    temporary = Path(os.environ.get("TMPDIR") or "/tmp")
    return (*devices, Path("/proc"), temporary, cache, daemon / "scratch", daemon / "results")


def _allow(ruleset: int, folder: Path, rights: int) -> None:
    try:
        descriptor = os.open(folder, _O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        rule = struct.pack("=Qi", rights if is_folder else rights & _OF_FILES, descriptor)
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def _abi() -> int:
    if not sys.platform.startswith("linux"):
        return 0
    try:
        return _call(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    except (OSError, AttributeError):  # an older kernel, or one that was told to do without
        return 0


def _call(number: int, *arguments: bytes | int | None) -> int:
    """syscall(2). Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    values = [
        ctypes.c_char_p(value) if isinstance(value, bytes) else ctypes.c_void_p(value) for value in arguments
    ]
    libc.syscall.restype = ctypes.c_long
    result: int = libc.syscall(ctypes.c_long(number), *values)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result
