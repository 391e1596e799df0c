# SPDX-License-Identifier: Apache-2.0
"""A worker whose jobs are quick: a frame is 1 KiB of the plate, "synced" by inverting its bits. Everything
around it is the real thing: requests, job folders, journals, staged output, messages. Run as a script.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from plosive.errors import MediaReadError
from plosive.media.staging import StagedFile, write_error
from plosive_daemon.workers.leftovers import JobFolder
from plosive_daemon.workers.session import Session
from plosive_daemon.workers.tasks.requests import request_in
from plosive_daemon.workers.worker_main import main
from plosive_proto.v1 import job_pb2

FRAME_BYTES = 1024


def synced(frame: bytes) -> bytes:
    return bytes(255 - value for value in frame)


def sync(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    """The language of a request is how long a frame takes, in milliseconds."""
    request = request_in(payload, job_pb2.SubmitJobRequest()).sync
    pause = float(request.voices[0].transcript or "5") / 1000
    folder = JobFolder(Path(payload["folder"]))
    out, plate = Path(request.output.path), Path(request.clip.media_path)
    is_own = folder.begin_try(os.getpid(), (out.parent,), is_out_there=out.exists())
    session.write_to((out.parent,))
    if out.exists() and not (request.output.overwrite or is_own):
        raise write_error(out, FileExistsError(17, "it exists already"))
    taken_up = 0
    try:
        folder.journal.mkdir(exist_ok=True)
        total = _bytes(plate) // FRAME_BYTES
        session.start("render", total)
        staged = StagedFile(out)
        try:
            for index in range(total):
                kept = folder.journal / f"{index:06d}"
                if kept.exists() and kept.stat().st_size == FRAME_BYTES:
                    frame, taken_up = kept.read_bytes(), taken_up + 1
                else:
                    time.sleep(pause)
                    frame = synced(_frame(plate, index))
                    part = kept.with_suffix(".part")
                    part.write_bytes(frame)
                    part.rename(kept)
                staged.write(frame)
                if index % 10 == 0:  # clocks that do not jump are one for all processes here
                    session.warn(f"at {time.monotonic()}")
                session.advance()
            session.finish()
        except BaseException:
            staged.discard()
            raise
        staged.commit()
    except OSError as error:
        raise write_error(out, error) from error
    return {"out_path": str(out), "frames_total": total, "notes": [f"{taken_up} frames were taken up."]}


def _bytes(plate: Path) -> int:
    try:
        return plate.stat().st_size
    except OSError as error:
        raise MediaReadError(f"The plate {plate.name} cannot be read: {error.strerror}.") from error


def _frame(plate: Path, index: int) -> bytes:
    try:
        with plate.open("rb") as file:
            file.seek(index * FRAME_BYTES)
            frame = file.read(FRAME_BYTES)
    except OSError as error:
        raise MediaReadError(f"The plate {plate.name} cannot be read: {error.strerror}.") from error
    if len(frame) < FRAME_BYTES:
        raise MediaReadError(f"The plate {plate.name} ends at frame {index}.")
    return frame


def devices(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    told = {"name": "cpu", "label": "a processor", "memory_bytes": 8 << 30, "free_memory_bytes": 4 << 30}
    return {"devices": [told], "warnings": []}


if __name__ == "__main__":
    main({"sync": lambda: sync, "devices": lambda: devices}, heavy=())
