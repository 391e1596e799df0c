# SPDX-License-Identifier: Apache-2.0
"""The queue's SQLite file: three connections, short transactions, failures as sentences.

WAL mode (sqlite.org/wal.html): readers never wait for a writer's disk. Changes of state are on disk when
their transaction returns (synchronous=FULL), progress need not be (NORMAL; both are whole after a crash).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from plosive_daemon.store.errors import StoreClosed, StoreFailed, StoreFull
from plosive_daemon.store.kept_job import kept_jobs
from plosive_daemon.store.ledger import Ledger
from plosive_daemon.store.schema import bring_up_to_date
from plosive_daemon.store.spare_room import SpareRoom

__all__ = ["Database", "connect"]

_BUSY_SECONDS = 5.0
_CHECKPOINT_PAGES = 2_000
"""Pages in the log at which they move into the file. Seldom, because a copy of the folder that is taken while
the log starts anew is not whole."""


class Database:
    """The file at `path`, made where there is none, and its `ledger`. Safe for any number of threads.

    Raises sqlite3.DatabaseError where the file is damaged or no queue, StoreFailed where it cannot be opened
    or a newer Plosive made it, StoreFull where the disk is full.
    """

    def __init__(self, path: Path, ledger: Ledger) -> None:
        self.path = path
        self._ledger = ledger
        self._noted: list[bytes] = []
        self._then: list[Callable[[], None]] = []
        self.spare = SpareRoom(path.with_name(f"{path.stem}.spare"))
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._is_closed = False
        self._connections: list[sqlite3.Connection] = []
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # else SQLite makes it readable to others
        except OSError as error:
            raise StoreFailed(f"The queue {path} cannot be opened: {error.strerror}.") from error
        try:
            self._durable = self._connected("FULL")
            bring_up_to_date(self._durable)
            self._light = self._connected("NORMAL")
            self._reader = self._connected("NORMAL")
        except sqlite3.OperationalError as error:
            self._close_all()
            if "malformed" in str(error) or "not a database" in str(error):
                raise
            raise self._failure(error) from error
        except BaseException:
            self._close_all()
            raise

    def require_spare_room(self) -> None:
        """Before a job is added or begun: raises StoreFull where the disk has none."""
        if not self.spare.is_held():
            raise self._failure(sqlite3.OperationalError("database or disk is full"))

    @contextmanager
    def changing(self, *, is_durable: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction, wholly done when the block ends, undone where it raises. Raises StoreFull (the
        spare room was let go of for a durable one: once more, and it may fit), StoreFailed, StoreClosed.
        """
        with self._write_lock:
            self._noted, self._then = [], []
            try:
                yield from self._transaction(self._durable if is_durable else self._light, "BEGIN IMMEDIATE")
            except StoreFull:
                if is_durable:
                    self.spare.let_go()
                raise
            self._ledger.append(self._noted)
            if self._ledger.is_too_long:
                with self.looking() as db:
                    self._ledger.rewrite(kept_jobs(db, with_ended_requests=False))
            for act in self._then:
                act()

    def note(self, line: bytes) -> None:
        """Inside `changing`: what goes into the ledger once the transaction is done."""
        self._noted.append(line)

    def then(self, act: Callable[[], None]) -> None:
        """Inside `changing`: what is done once the transaction is, before the next one begins."""
        self._then.append(act)

    @contextmanager
    def looking(self) -> Iterator[sqlite3.Connection]:
        """As `reading`, with SQLite's own errors."""
        with self._read_lock:
            self._reader.execute("BEGIN")
            try:
                yield self._reader
            finally:
                if self._reader.in_transaction:
                    self._reader.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One view of the file that no change disturbs. Raises StoreFailed, StoreClosed."""
        with self._read_lock:
            yield from self._transaction(self._reader, "BEGIN")

    def close(self) -> None:
        """Move everything into the one file and let go of it."""
        with self._write_lock, self._read_lock:
            if self._is_closed:
                return
            self._is_closed = True
            self._ledger.close()
            self._close_all()

    def _transaction(self, db: sqlite3.Connection, begin: str) -> Iterator[sqlite3.Connection]:
        if self._is_closed:
            raise StoreClosed("The daemon is going down; try again when it runs.")
        try:
            db.execute(begin)
            yield db
            db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failure(error) from error
        finally:
            if db.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    db.execute("ROLLBACK")

    def _connected(self, synchronous: str) -> sqlite3.Connection:
        db = connect(self.path)
        self._connections.append(db)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {synchronous}")
        db.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone does not reach the disk
        db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        return db

    def _close_all(self) -> None:
        for db in self._connections:
            with contextlib.suppress(sqlite3.Error):
                db.close()

    def _failure(self, error: sqlite3.Error) -> StoreFailed:
        if "is full" in str(error):
            return StoreFull(f"The disk is full: {self.path} cannot grow; make room on it.")
        if "disk I/O" in str(error):  # what a used-up quota comes as, too
            return StoreFull(f"{self.path} cannot be written ({error}); look at the disk and at your quota.")
        return StoreFailed(f"The queue {self.path} cannot be used: {error}.")


def connect(path: Path) -> sqlite3.Connection:
    """A connection any thread may use, one at a time; transactions are begun by hand."""
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    return db
