# SPDX-License-Identifier: Apache-2.0
"""Results that are known by what they were made from: the same request again is answered without work.

What is kept of a result is where its files were delivered and how to tell that they are unchanged. Only where
`most_bytes` allows are copies kept as well, so that it can be given out again after the first one was moved:
results are as large as plates, and a home folder is seldom the disk for them.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from plosive_daemon.delivery import deliver
from plosive_daemon.file_marks import FileMark, are_unchanged, marks_of
from plosive_daemon.private_files import make_private_folder

__all__ = ["KnownResult", "ResultCache"]

_MOST_ENTRIES = 10_000
_TABLES = """
CREATE TABLE IF NOT EXISTS results (
    key TEXT PRIMARY KEY, about TEXT NOT NULL, files TEXT NOT NULL, copies TEXT NOT NULL DEFAULT '{}',
    copied_bytes INTEGER NOT NULL DEFAULT 0, last_use INTEGER NOT NULL
) WITHOUT ROWID;
"""
_Marks = dict[str, FileMark]


@dataclass(frozen=True)
class KnownResult:
    """Files of a result by name, and what was told `about` it."""

    key: str
    files: Mapping[str, Path]
    about: Mapping[str, object]
    marks: tuple[FileMark, ...] = field(repr=False)


class ResultCache:
    """Results by key in `folder`; several threads and processes may use it at once.

    Nothing here fails a job, but for `deliver`: a cache that cannot be read knows nothing, one that cannot be
    written keeps nothing, and one that is damaged begins anew. `most_bytes` is for copies only; the longest
    unused go first.
    """

    def __init__(self, folder: Path, most_bytes: int = 0) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    def remember(self, key: str, files: Mapping[str, Path], about: Mapping[str, object]) -> None:
        """`files` (names of the caller's choice, such as out, out:1001, elements:mouth.1001.exr) are the
        whole result of `key`; `about` is given back with them, and must be ready for JSON.
        """
        with contextlib.suppress(OSError, sqlite3.Error, ValueError):
            marks = dict(zip(files, marks_of(list(files.values())), strict=True))
            copies = self._copied(key, marks)
            with self._open() as db:
                db.execute(
                    "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?)",
                    (key, json.dumps(about), _text(marks), _text(copies), _bytes(copies), _next_use(db)),
                )
            self._prune()

    def find(self, key: str) -> KnownResult | None:
        """The result of `key`, now the last used, if all its files or all their copies are unchanged."""
        with contextlib.suppress(OSError, sqlite3.Error, ValueError, TypeError):
            with self._open() as db:
                row = db.execute("SELECT * FROM results WHERE key = ?", (key,)).fetchone()
            if row is None:
                return None
            for text in (row["files"], row["copies"]):
                marks = _marks(text)
                if marks and are_unchanged(list(marks.values())):
                    with self._open() as db:
                        db.execute("UPDATE results SET last_use = ? WHERE key = ?", (_next_use(db), key))
                    files = {name: Path(mark.path) for name, mark in marks.items()}
                    return KnownResult(key, files, json.loads(row["about"]), tuple(marks.values()))
            self.forget(key)
        return None

    def deliver(self, known: KnownResult, places: Mapping[str, Path], *, overwrite: bool = False) -> bool:
        """Copies of the files of `known` at `places`, by name; False, and nothing there, where they were
        changed meanwhile: then the work has to be done. Raises MediaWriteError as `delivery.deliver` does,
        KeyError where a place has a name that is not known.
        """
        files = [(known.files[name], place) for name, place in places.items()]
        return deliver(files, overwrite=overwrite, are_sound=lambda: are_unchanged(known.marks))

    def forget(self, key: str) -> None:
        """Entry and copies go; delivered files stay."""
        with contextlib.suppress(OSError, sqlite3.Error):
            with self._open() as db:
                db.execute("DELETE FROM results WHERE key = ?", (key,))
            shutil.rmtree(self._copies(key), ignore_errors=True)

    def copied_bytes(self) -> int:
        """How much all copies are together; those that are hard links cost nothing while the other lives."""
        with contextlib.suppress(OSError, sqlite3.Error), self._open() as db:
            return int(db.execute("SELECT coalesce(sum(copied_bytes), 0) FROM results").fetchone()[0])
        return 0

    def _copied(self, key: str, marks: _Marks) -> _Marks:
        """Copies of all files, or none where they are too large or cannot be made."""
        total = sum(mark.size_bytes for mark in marks.values())
        if not marks or total > self._most_bytes:
            return {}
        folder = self._copies(key)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            make_private_folder(folder)
            paths = {name: folder / f"{index:06d}" for index, name in enumerate(marks)}
            for name, mark in marks.items():
                _link_or_copy(Path(mark.path), paths[name])
            return dict(zip(paths, marks_of(list(paths.values())), strict=True))
        except Exception:  # a full disk, a refused folder: then there are none
            shutil.rmtree(folder, ignore_errors=True)
            return {}

    def _prune(self) -> None:
        """Copies that are too many lose theirs, entries that are too many go, longest unused first."""
        with self._open() as db:
            rows = db.execute("SELECT key, copied_bytes FROM results ORDER BY last_use DESC").fetchall()
        total = 0
        for number, row in enumerate(rows):
            total += row["copied_bytes"]
            if number >= _MOST_ENTRIES:
                self.forget(row["key"])
            elif total > self._most_bytes and row["copied_bytes"]:
                total -= row["copied_bytes"]
                with self._open() as db:
                    db.execute(
                        "UPDATE results SET copies = '{}', copied_bytes = 0 WHERE key = ?", (row["key"],)
                    )
                shutil.rmtree(self._copies(row["key"]), ignore_errors=True)

    def _copies(self, key: str) -> Path:
        if not key or not all(letter.isalnum() or letter in "-_" for letter in key):
            raise ValueError(f"'{key}' is no key")
        return self._folder / "copies" / key

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction; a damaged file is removed, and the next call begins anew."""
        path = self._folder / "results.db"
        db: sqlite3.Connection | None = None
        try:
            make_private_folder(self._folder)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            db = sqlite3.connect(path, timeout=5.0, isolation_level=None)
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute(_TABLES)
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if not isinstance(error, (sqlite3.OperationalError, sqlite3.IntegrityError)):
                if db is not None:
                    db.close()
                for companion in ("", "-wal", "-shm"):
                    path.with_name(path.name + companion).unlink(missing_ok=True)
            raise
        finally:
            if db is not None:
                db.close()


def _link_or_copy(source: Path, place: Path) -> None:
    """A link costs no room; that the file was edited in place, which changes both, is seen by its mark."""
    try:
        os.link(source, place)
    except OSError:
        deliver([(source, place)], overwrite=True)


def _text(marks: _Marks) -> str:
    return json.dumps({name: asdict(mark) for name, mark in marks.items()})


def _marks(text: str) -> _Marks:
    return {name: FileMark(**told) for name, told in json.loads(text).items()}


def _bytes(marks: _Marks) -> int:
    return sum(mark.size_bytes for mark in marks.values())


def _next_use(db: sqlite3.Connection) -> int:
    """A count, not a time: a clock may be set back."""
    return int(db.execute("SELECT coalesce(max(last_use), 0) + 1 FROM results").fetchone()[0])
