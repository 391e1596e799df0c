# SPDX-License-Identifier: Apache-2.0
"""What a user may set of the daemon: defaults < settings.toml in the state folder < environment < flags."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from plosive.errors import OptionError

__all__ = ["SETTINGS_FILE", "VARIABLE_PREFIX", "DaemonSettings"]

SETTINGS_FILE = "settings.toml"
VARIABLE_PREFIX = "PLOSIVE_DAEMON_"
_MOST_FILE_BYTES = 1 << 20
_GIB = 1 << 30
_MIB = 1 << 20


def _between(lowest: float, highest: float, unit: str, says: str) -> dict[str, Any]:
    return {"bounds": (lowest, highest), "unit": unit, "says": says}


def _seconds(lowest: float, highest: float, says: str) -> dict[str, Any]:
    return _between(lowest, highest, "seconds", says)


def _free(says: str, choices: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"choices": choices, "unit": "", "says": says}


@dataclass(frozen=True)
class DaemonSettings:
    """Everything that can be set; each field's metadata holds its `unit`, `bounds` (both inclusive) or
    `choices`, and what it `says`. In settings.toml a field goes by its name, in the environment by
    PLOSIVE_DAEMON_ and its name in capitals; there, lists are separated as PATH is.
    """

    address: str = field(
        default="",
        metadata=_free("where to listen, HOST:PORT or unix:PATH; empty: the user's own socket or loopback"),
    )
    read_roots: tuple[Path, ...] = field(
        default=(), metadata=_free("folders media may be read from; empty: any the user can read")
    )
    write_roots: tuple[Path, ...] = field(
        default=(), metadata=_free("folders results may go to; empty: any the user can write")
    )
    confinement: str = field(
        default="auto",
        metadata=_free(
            "whether the system's kernel holds workers to the roots, where both are set and it can (Linux)",
            ("auto", "off"),
        ),
    )
    devices: tuple[str, ...] = field(
        default=(), metadata=_free("devices to work on, as cuda:0 or cpu; empty: those that are found")
    )
    tls_certificate: Path | None = field(default=None, metadata=_free("PEM file of the daemon's certificate"))
    tls_key: Path | None = field(default=None, metadata=_free("PEM file of the certificate's key"))
    tls_client_authority: Path | None = field(
        default=None, metadata=_free("PEM file of those whose client certificates are taken")
    )
    metrics_address: str = field(default="", metadata=_free("HOST:PORT for metrics; empty: none"))
    log_level: str = field(
        default="info", metadata=_free("what is logged", ("debug", "info", "warning", "error"))
    )
    scratch_folder: Path | None = field(
        default=None, metadata=_free("where jobs keep what they have made so far; none: the state folder")
    )
    message_bytes: int = field(
        default=20 * _MIB, metadata=_between(64 << 10, 256 * _MIB, "bytes", "largest message taken")
    )
    waiting_jobs: int = field(default=5_000, metadata=_between(1, 100_000, "jobs", "most jobs that may wait"))
    ended_jobs: int = field(
        default=10_000, metadata=_between(0, 1_000_000, "jobs", "most ended jobs that are remembered")
    )
    watchers: int = field(
        default=400, metadata=_between(1, 10_000, "streams", "most WatchJob streams at once")
    )
    cache_bytes: int = field(
        default=0,
        metadata=_between(0, 1 << 50, "bytes", "copies kept of results; 0: it is only known where they lie"),
    )
    log_bytes: int = field(
        default=10 * _MIB, metadata=_between(64 << 10, _GIB, "bytes", "size at which a log is put aside")
    )
    log_files: int = field(default=5, metadata=_between(1, 100, "files", "logs put aside that are kept"))
    job_log_bytes: int = field(
        default=4 * _MIB, metadata=_between(4 << 10, _GIB, "bytes", "most kept of one job's log")
    )
    disk_reserve_bytes: int = field(
        default=512 * _MIB,
        metadata=_between(
            0, 1 << 50, "bytes", "room that jobs leave free on a disk; half of it while they run"
        ),
    )
    tries: int = field(default=2, metadata=_between(1, 10, "tries", "tries of a job whose worker dies"))
    interruptions: int = field(
        default=3,
        metadata=_between(0, 100, "tries", "tries cut off by the daemon's own death that do not count"),
    )
    jobs_per_worker: int = field(
        default=50, metadata=_between(1, 100_000, "jobs", "jobs after which a worker is replaced")
    )
    worker_bytes: int = field(
        default=6 * _GIB,
        metadata=_between(
            0, 1 << 50, "bytes", "a worker that holds more main memory after a job is replaced; Linux"
        ),
    )
    idle_exit_seconds: float = field(
        default=0.0, metadata=_seconds(0.0, 604_800.0, "with nothing to do for so long it ends; 0: never")
    )
    disk_check_seconds: float = field(
        default=5.0, metadata=_seconds(0.1, 3_600.0, "between two looks at the room on disk during a job")
    )
    worker_start_seconds: float = field(
        default=120.0, metadata=_seconds(1.0, 3_600.0, "a worker that is not ready by then is ended")
    )
    worker_silence_seconds: float = field(
        default=1_800.0, metadata=_seconds(1.0, 604_800.0, "a worker that is silent for so long is ended")
    )
    interactive_seconds: float = field(
        default=600.0, metadata=_seconds(1.0, 86_400.0, "longest work on an interactive request")
    )
    cancel_seconds: float = field(
        default=0.5, metadata=_seconds(0.0, 60.0, "from asking a worker to stop until it is ended")
    )
    stop_seconds: float = field(
        default=10.0, metadata=_seconds(0.0, 600.0, "given to everything to end when the daemon stops")
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            _require_sense(each, getattr(self, each.name))

    @property
    def is_confined(self) -> bool:
        """Whether workers are held to the roots by the system. What is written is read again, to be checked:
        so it needs both kinds of roots.
        """
        return self.confinement == "auto" and bool(self.read_roots) and bool(self.write_roots)

    @classmethod
    def load(
        cls, state_folder: Path, environment: Mapping[str, str], flags: Mapping[str, object] | None = None
    ) -> DaemonSettings:
        """Defaults, then settings.toml in `state_folder` where there is one, then `environment`, then `flags`
        (None: not given). Raises OptionError where a name is unknown or a value makes no sense.
        """
        known = {each.name: each for each in fields(cls)}
        values: dict[str, object] = {}
        path = state_folder / SETTINGS_FILE
        for name, given in _table(path).items():
            if name not in known:
                raise OptionError(f"{path} sets '{name}', which is not known; remove it or correct its name.")
            values[name] = _converted(known[name], given, f"{name} in {path}", is_text=False)
        for name, each in known.items():
            variable = f"{VARIABLE_PREFIX}{name.upper()}"
            if variable in environment:
                values[name] = _converted(each, environment[variable], variable, is_text=True)
        for name, given in (flags or {}).items():
            if given is not None:
                values[name] = _converted(known[name], given, f"--{name.replace('_', '-')}", is_text=False)
        return cls(**values)  # type: ignore[arg-type]


def _table(path: Path) -> dict[str, object]:
    """settings.toml as it is; empty where there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_FILE_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise OptionError(f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > _MOST_FILE_BYTES:
        raise OptionError(f"{path} is too large to be settings; correct or remove it.")
    try:
        reader = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    except ImportError as error:
        raise OptionError(f"{path} is read with the package tomli on Python 3.10; install tomli.") from error
    try:
        return dict(reader.loads(data.decode("utf-8")))
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are kinds of it
        raise OptionError(f"{path} is not right: {error}; correct or remove it.") from error


def _converted(each: Field[Any], given: object, where: str, *, is_text: bool) -> object:
    """`given` as the type of field `each`; OptionError names `where` it was set."""
    kind = str(each.type)
    try:
        if kind.startswith("tuple"):
            return _list_of(kind, given, is_text)
        if kind == "Path | None":
            return Path(_text(given)).expanduser() if given != "" else None
        if kind == "str":
            return _text(given)
        if isinstance(given, bool) or (not is_text and not isinstance(given, (int, float))):
            raise ValueError
        number = float(given) if kind == "float" else int(given)  # type: ignore[arg-type,call-overload]
        if not is_text and number != given:
            raise ValueError
    except (ValueError, OverflowError) as error:
        wanted = {"int": "a whole number", "float": "a number"}.get(kind, "text")
        wanted = "a list" if kind.startswith("tuple") else wanted
        raise OptionError(f"{where} must be {wanted}, not '{given}'.") from error
    bounds = each.metadata["bounds"]
    if not bounds[0] <= number <= bounds[1]:
        raise OptionError(
            f"{where} must be between {bounds[0]} and {bounds[1]} {each.metadata['unit']}, not {given}."
        )
    return number


def _list_of(kind: str, given: object, is_text: bool) -> tuple[object, ...]:
    if is_text:
        given = [part for part in str(given).split(os.pathsep if "Path" in kind else ",") if part.strip()]
    if not isinstance(given, (list, tuple)):
        raise ValueError
    return tuple(Path(_text(part)).expanduser() if "Path" in kind else _text(part).strip() for part in given)


def _text(given: object) -> str:
    if not isinstance(given, (str, Path)):
        raise ValueError
    return str(given)


def _require_sense(each: Field[Any], value: object) -> None:
    """Raises OptionError where `value` is out of the bounds or choices of field `each`."""
    metadata = each.metadata
    if "bounds" in metadata:
        lowest, highest = metadata["bounds"]
        if not isinstance(value, (int, float)) or not lowest <= value <= highest:  # NaN is in no bounds
            raise OptionError(
                f"{each.name} must be between {lowest} and {highest} {metadata['unit']}, not {value}."
            )
    elif metadata["choices"] and value not in metadata["choices"]:
        raise OptionError(f"{each.name} must be one of {', '.join(metadata['choices'])}, not '{value}'.")
    if isinstance(value, tuple) and any(isinstance(part, Path) and not part.is_absolute() for part in value):
        raise OptionError(f"{each.name} must be absolute paths.")
    if isinstance(value, Path) and not value.is_absolute():
        raise OptionError(f"{each.name} must be an absolute path, not {value}.")
