# SPDX-License-Identifier: Apache-2.0
"""A whole edit, as one job.

Payload: as of a sync (`plosive_daemon.workers.tasks.sync`), with a ConformRequest under `request`; known
results play no part: what earlier runs and tries made is found in the folder of the result. With `helper`, a
device's name, another worker leads the job, and this one makes renders that nobody makes.
Result: the fields of `plosive_daemon.job.JobResult`; of a helper `renders`, how many it made.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plosive.user_folders import daemon_folder
from plosive_daemon.disk import media_bytes, require_room, room_needed
from plosive_daemon.job import ConformedEdit, ConformedShot, ConformResult, JobResult
from plosive_daemon.request_words import CONFORM_FIELDS, in_request_words
from plosive_daemon.service.conform_conversion import conform_options_of
from plosive_daemon.service.errors import PathRefused
from plosive_daemon.service.guard import held
from plosive_daemon.service.paths import Roots
from plosive_daemon.service.request_paths import with_real_paths
from plosive_daemon.workers.device_memory import roomy_device
from plosive_daemon.workers.edit_media import EditMedia
from plosive_daemon.workers.leftovers import JobFolder
from plosive_daemon.workers.session import Session
from plosive_daemon.workers.shared_reel import SharedReel
from plosive_daemon.workers.tasks.previews import FramePreviews
from plosive_daemon.workers.tasks.requests import request_in
from plosive_proto.v1 import conform_pb2

if TYPE_CHECKING:
    from plosive.reel import ConformOptions, ReelWatch, ShotOutcome
    from plosive.reel import ConformResult as Made

__all__ = ["run"]

_MOST_SHOTS = 2_000
_MOST_NAME = 256


def run(payload: dict[str, Any], session: Session) -> dict[str, Any]:
    """Make what `payload` asks for. Raises PlosiveError subclasses as `plosive.reel.conform_edit` does."""
    from plosive.reel import conform_edit, help_conform

    whole, helper = JobFolder(Path(payload["folder"])), str(payload.get("helper", ""))
    folder = whole.of_helper(helper) if helper else whole
    sharing = SharedReel(whole.shared)
    roots = Roots(session.read_roots, session.write_roots, (daemon_folder(),))
    request = with_real_paths(request_in(payload, conform_pb2.ConformRequest()), roots)
    _require_no_file(request)
    sounds = [dub.dub_path for dub in request.dubs if dub.dub_path]
    texts = [*(one.transcript_path for one in request.transcripts), request.cast_path, request.sheet_path]
    given = [Path(path) for path in (request.edit_path, *sounds, *texts) if path]
    with held(given, roots) as holding:
        media = EditMedia(roots, holding)
        options = conform_options_of(request, device=session.device)
        options = replace(options, device=roomy_device(options.device, session))
        _require_links_inside(options.out, roots)
        folder.begin_try(os.getpid(), (options.out,), is_out_there=True, has_trees=True)
        shutil.rmtree(
            folder.journal, ignore_errors=True
        )  # a dead try's dubs: shots are journalled beside them
        folder.journal.mkdir(mode=0o700)
        if helper and sharing.device != options.device:
            return {"renders": 0}  # one of the two found its GPU full: what it makes is no use to the other
        if helper:
            session.write_to((options.out,))
            sharing.note_helper(folder.path.name, is_there=True)
            try:
                scratch = folder.journal
                count = help_conform(options, session, sharing, may_open=media.may_open, scratch_in=scratch)
            finally:
                sharing.note_helper(folder.path.name, is_there=False)
            return {"renders": count}
        sharing.begin(options.device)
        session.start("edit", None)
        _require_room(options, media, folder, int(payload["disk_reserve_bytes"]))
        session.write_to((options.out,))
        made = conform_edit(
            options,
            session,
            may_open=media.may_open,
            scratch_in=folder.journal,
            watch=_watch(folder, session),
            sharing=sharing,
        )
        media.require_unmoved()
    for language in made.languages:
        session.warn_all(language.warnings)
    session.warn_all(made.warnings)
    return asdict(_result(made))


def _watch(folder: JobFolder, session: Session) -> ReelWatch:
    from plosive.reel import ReelPosition, ReelWatch

    def at(position: ReelPosition) -> None:
        facts = asdict(position)
        left = facts.pop("seconds_left")
        session.show_reel({**facts, "shot_name": position.shot_name[:_MOST_NAME]}, left)

    return ReelWatch(at, FramePreviews(folder.preview, session))


def _require_no_file(request: conform_pb2.ConformRequest) -> None:
    """A track is none of this machine's files: the core would read one of that name, which nobody checked."""
    for number, dub in enumerate(request.dubs):
        if dub.track and os.path.lexists(dub.track):
            raise PathRefused(
                f"'{dub.track}' is a file where the daemon runs; name the track by its number, or give the "
                f"file as dub_path (dubs[{number}].track).",
                f"dubs[{number}].track",
            )


def _require_links_inside(out: Path, roots: Roots) -> None:
    """Links in the folder of the result are held to the roots, too: folders in it are written to."""
    for place, folders, _ in os.walk(out):
        for name in folders:
            if os.path.islink(path := os.path.join(place, name)):
                roots.writable(path, "out_folder_path")


def _require_room(options: ConformOptions, media: EditMedia, folder: JobFolder, reserve_bytes: int) -> None:
    """Raises DiskFull where the disks have no room for what all shots may take. Each piece of media counts
    once for each language, by the part of it that is shown; whole, where its length is not known.
    """
    from plosive.conform import read_edit

    edit = read_edit(
        options.edit,
        handles=options.handles,
        media_folders=options.media,
        path_map=options.path_map,
        rate=options.rate,
        timeline_name=options.timeline,
        probe=False,
        may_open=media.may_open,
    )
    parts: dict[Path, Fraction] = {}
    for shot in edit.shots:
        if not shot.is_usable or shot.media is None or shot.media.path is None or shot.source_frames is None:
            continue
        known = shot.media.available
        part = Fraction(1)
        if known is not None:
            part = Fraction(shot.source_frames.duration_frames, known.duration_frames)
        parts[shot.media.path] = min(Fraction(1), parts.get(shot.media.path, Fraction(0)) + part)
    once = sum(int(media_bytes(path) * part) for path, part in parts.items())
    needed = room_needed(once * max(1, len(options.dubs)))
    require_room(
        {options.out: needed.out_bytes + needed.scratch_bytes, folder.path: needed.scratch_bytes},
        reserve_bytes,
    )


def _result(made: Made) -> JobResult:
    edits = tuple(
        ConformedEdit(
            one.language,
            str(one.edits[0]),
            tuple(str(path) for path in one.edits[1:]),
            str(one.report or ""),
            str(one.report.with_suffix(".json")) if one.report is not None else "",
        )
        for one in made.languages
        if one.edits
    )
    shots = tuple(_shots(made))
    renders = {one.out: one for language in made.languages for one in language.shots if one.out is not None}
    counts = {state: sum(one.state == state for one in shots) for state in _STATES}
    return JobResult(
        out_path=edits[0].edit_path if edits else "",
        record_path=edits[0].record_path if edits else "",
        frames_total=sum(one.last_frame_inclusive - one.first_frame + 1 for one in renders.values()),
        frames_synced=sum(one.frames_synced for one in renders.values()),
        conform=ConformResult(
            edits=edits,
            shots=shots[:_MOST_SHOTS],
            shots_synced=counts["synced"] + counts["taken_up"],
            shots_taken_up=counts["taken_up"],
            shots_left_alone=counts["left_alone"],
            shots_failed=counts["failed"],
        ),
    )


_STATES = ("synced", "taken_up", "left_alone", "failed")


def _shots(made: Made) -> Iterator[ConformedShot]:
    for language in made.languages:
        for one in language.shots:
            yield ConformedShot(
                number=one.shot.number,
                name=one.shot.name[:_MOST_NAME],
                language=language.language,
                state=_state(one),
                reason=in_request_words(one.reason, CONFORM_FIELDS),
                out_path=str(one.out or ""),
            )


def _state(one: ShotOutcome) -> str:
    from plosive.reel.results.outcome import FAILED, SYNCED

    if one.state == SYNCED:
        return "synced" if one.is_new else "taken_up"
    return "failed" if one.state == FAILED else "left_alone"
