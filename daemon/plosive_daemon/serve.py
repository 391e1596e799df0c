# SPDX-License-Identifier: Apache-2.0
"""`plosive serve`: the daemon's command."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from plosive.errors import OptionError

if TYPE_CHECKING:
    from plosive_daemon.job_logs import JobLogs
    from plosive_daemon.settings import DaemonSettings
    from plosive_daemon.state_folder import StateFolder
    from plosive_daemon.store import JobStore
    from plosive_daemon.workers.pool import WorkerPool

__all__ = ["serve"]

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False, resolve_path=True)


@click.command(short_help="Run the local service that hosts ask for synced clips.")
@click.option("--host", metavar="HOST", help="Listen at this address; other than loopback needs TLS.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), metavar="N", help="Listen at this port; 0: a free one."
)
@click.option(
    "--socket",
    "socket_path",
    metavar="PATH",
    type=click.Path(path_type=Path, resolve_path=True),
    help="Listen at this Unix socket. Default: one in the daemon's folder; on Windows 127.0.0.1.",
)
@click.option(
    "--read-root", "read_roots", metavar="DIR", type=_FOLDER, multiple=True, help="Read media beneath."
)
@click.option(
    "--write-root", "write_roots", metavar="DIR", type=_FOLDER, multiple=True, help="Write results beneath."
)
@click.option("--idle-exit", type=float, metavar="SECONDS", help="End after so long with nothing to do.")
@click.option("--tls-cert", metavar="PEM", type=_FILE, help="The daemon's certificate.")
@click.option("--tls-key", metavar="PEM", type=_FILE, help="The certificate's key.")
@click.option("--tls-client-ca", metavar="PEM", type=_FILE, help="Who signs the certificates of clients.")
@click.option(
    "--metrics-port", type=click.IntRange(0, 65_535), metavar="N", help="Metrics for Prometheus at 127.0.0.1."
)
@click.option("--check", is_flag=True, help="Say whether a daemon runs, or whether one could; start none.")
@click.option("--json", "as_json", is_flag=True, help="With --check: the findings as JSON.")
def serve(
    host: str | None,
    port: int | None,
    socket_path: Path | None,
    read_roots: tuple[Path, ...],
    write_roots: tuple[Path, ...],
    idle_exit: float | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    tls_client_ca: Path | None,
    metrics_port: int | None,
    check: bool,
    as_json: bool,
) -> int:
    """Run the daemon: it queues jobs, runs them one per device, and outlives crashes of both.

    Only this user can reach it: its token lies in the daemon's folder (PLOSIVE_STATE names another), readable
    by nobody else. Further settings are in settings.toml there, or PLOSIVE_DAEMON_NAME in the environment.
    """
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    from plosive_daemon.settings import DaemonSettings
    from plosive_daemon.state_folder import StateFolder

    flags: dict[str, object] = {
        "address": _address(host, port, socket_path),
        "read_roots": read_roots or None,
        "write_roots": write_roots or None,
        "idle_exit_seconds": idle_exit,
        "tls_certificate": _text(tls_cert),
        "tls_key": _text(tls_key),
        "tls_client_authority": _text(tls_client_ca),
        "metrics_address": None if metrics_port is None else f"127.0.0.1:{metrics_port}",
    }
    folder = StateFolder()
    settings = DaemonSettings.load(folder.root, os.environ, flags)
    if check:
        from plosive_daemon.checking import tell_check

        return tell_check(folder, settings, as_json)
    return _serve(folder, settings)


def _serve(folder: StateFolder, settings: DaemonSettings) -> int:
    from plosive_daemon.daemon import Daemon
    from plosive_daemon.logs import logging_to

    folder.prepare()
    folder.hold()
    try:
        with logging_to(folder.logs, settings), _stop_signals() as stop:
            daemon = Daemon(folder, settings, _workers)
            with daemon.serving():
                click.echo(f"Plosive serves at {daemon.address}; stop it with Ctrl-C.", err=True)
                if daemon.metrics_address:
                    click.echo(f"Metrics are at http://{daemon.metrics_address}/metrics.", err=True)
                why = daemon.wait(stop)
            click.echo(f"Stopped ({why}); jobs that had not ended go on when it is started again.", err=True)
    finally:
        folder.let_go()
    return 0


def _workers(store: JobStore, folder: StateFolder, settings: DaemonSettings) -> tuple[WorkerPool, JobLogs]:
    """The real worker processes."""
    from functools import partial

    from plosive_daemon.disk import require_room_left
    from plosive_daemon.job_logs import JobLogs
    from plosive_daemon.workers.confinement import sentence_of
    from plosive_daemon.workers.pool import WorkerPool

    if held := sentence_of(settings):
        logging.getLogger(__name__).info("%s", held)
    logs = JobLogs(folder.logs, settings.scratch_folder or folder.scratch, settings.job_log_bytes)
    check_disks = partial(require_room_left, reserve_bytes=settings.disk_reserve_bytes)
    pool = WorkerPool(store, settings, logs, check_disks=check_disks, results=folder.results)
    return pool, logs


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM, Ctrl-C and Ctrl-Break set. A second one ends the process at once."""
    stop = threading.Event()
    before: dict[int, Any] = {}

    def asked(number: int, frame: FrameType | None) -> None:
        del frame
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    for name in ("SIGTERM", "SIGINT", "SIGBREAK", "SIGHUP"):
        if hasattr(signal, name):
            with contextlib.suppress(OSError, ValueError):  # not in the main thread: no signals
                before[getattr(signal, name)] = signal.signal(getattr(signal, name), asked)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _address(host: str | None, port: int | None, socket_path: Path | None) -> str | None:
    if socket_path is not None:
        if host is not None or port is not None:
            raise OptionError("Give --socket, or --host and --port, not both.")
        return f"unix:{socket_path}"
    if host is None and port is None:
        return None
    host = host or "127.0.0.1"
    return f"[{host}]:{port or 0}" if ":" in host and not host.startswith("[") else f"{host}:{port or 0}"


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
