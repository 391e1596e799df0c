# SPDX-License-Identifier: Apache-2.0
"""The tables of the queue, and how older ones become these."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from plosive_daemon.store.errors import StoreFailed

__all__ = ["APPLICATION_ID", "VERSION", "bring_up_to_date"]

APPLICATION_ID = 0x504C4F51
"""Tells our files from those of other programs (PLOQ; SQLite file format, 1.3)."""
VERSION = 2

_TABLES = """
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    label TEXT NOT NULL,
    client TEXT NOT NULL,
    priority INTEGER NOT NULL,
    device TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    created_unix_ms INTEGER NOT NULL,
    started_unix_ms INTEGER NOT NULL DEFAULT 0,
    ended_unix_ms INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    attempts_interrupted INTEGER NOT NULL DEFAULT 0,
    is_cancelling INTEGER NOT NULL DEFAULT 0,
    last_sequence INTEGER NOT NULL,
    state_sequence INTEGER NOT NULL,
    progress_sequence INTEGER NOT NULL DEFAULT 0,
    progress TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX jobs_by_key ON jobs (idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX jobs_waiting ON jobs (priority, client, device, number) WHERE state = 'waiting';
CREATE INDEX jobs_by_state ON jobs (state, number);
CREATE INDEX jobs_by_client ON jobs (client, number);
CREATE TABLE requests (number INTEGER PRIMARY KEY, body BLOB NOT NULL, crc32 INTEGER NOT NULL);
CREATE TABLE warnings (
    number INTEGER NOT NULL, sequence INTEGER NOT NULL, sentence TEXT NOT NULL, PRIMARY KEY (number, sequence)
) WITHOUT ROWID;
CREATE TABLE clients (client TEXT PRIMARY KEY, last_start INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


def _add_kind(db: sqlite3.Connection) -> None:
    """Jobs were syncs alone."""
    db.execute("ALTER TABLE jobs ADD COLUMN kind TEXT NOT NULL DEFAULT 'sync'")


# Step n takes the tables from version n to n + 1, in one transaction; _TABLES are those of version 1.
_STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _add_kind}


def bring_up_to_date(db: sqlite3.Connection) -> None:
    """Make the tables in an empty file, or bring older ones to VERSION, whole or not at all. Raises
    StoreFailed where a newer Plosive made the file, sqlite3.DatabaseError where it is no queue of ours.
    """
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise StoreFailed(
            f"The queue was written by a newer Plosive (its version is {version}, this one knows {VERSION}); "
            "start that one, or name another state folder."
        )
    if version == VERSION:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        if version == 0:
            if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise sqlite3.DatabaseError("a database without a version, not made by Plosive")
            for statement in _TABLES.split(";\n"):
                db.execute(statement)
        for step in range(max(1, version), VERSION):
            _STEPS[step](db)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
