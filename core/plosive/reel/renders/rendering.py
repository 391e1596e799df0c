# SPDX-License-Identifier: Apache-2.0
"""One render of a reel: known from an earlier run, or made."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plosive.cli.failures import log_defect
from plosive.conform import Shot
from plosive.errors import JobCancelled, MediaWriteError, PlosiveError
from plosive.media.fingerprint import fingerprint
from plosive.media.staging import write_error
from plosive.progress import Progress
from plosive.reel.dub.job_voice import HeardFiles, voice_options
from plosive.reel.jobs import RenderJob
from plosive.reel.options import ConformOptions
from plosive.reel.renders.finished import FinishedRender, FinishedRenders
from plosive.reel.renders.folder import give_up_folder, keep_folder, take_folder
from plosive.reel.renders.voice import RenderedVoice, rendered_voices
from plosive.reel.results.naming import language_folder, render_name, result_path
from plosive.speakers import NoSync
from plosive.sync.job import sync_plate
from plosive.sync.job_key import key_of
from plosive.sync.latest_picture import LatestPicture
from plosive.sync.plate_memory import PlateMemory
from plosive.sync.resting import RESTING
from plosive.sync.scored import score_finished
from plosive.sync_options import SyncOptions

__all__ = ["Aids", "Rendered", "Work", "found_or_made", "sync_options"]

_HOPELESS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


@dataclass(frozen=True)
class Work:
    """One render that may have to be made: `place` tells which it is, `shots` are those of its group,
    `version` names what is made now; with `is_wanted` False only what is known is taken.
    """

    place: int
    job: RenderJob
    shots: tuple[Shot, ...]
    version: int
    is_wanted: bool


@dataclass(frozen=True)
class Rendered:
    """What came of one render; `render` is None where it failed (`failure`, one sentence) or was not
    wanted. `lacks_score` says that it is to be scored, and was not.
    """

    render: FinishedRender | None
    is_new: bool = False
    failure: str = ""
    lacks_score: bool = False


def sync_options(job: RenderJob, options: ConformOptions, dub: HeardFiles, out: Path) -> SyncOptions:
    """The job as `plosive sync` would be asked for it."""
    from plosive.speech.text.languages import VOICES

    group, media = job.group, job.group.media
    plate = media.plate_path
    assert plate is not None
    frames = group.source_frames
    is_scored = options.score and job.is_spoken
    base = job.language.replace("_", "-").split("-")[0].lower()
    return SyncOptions(
        plate=plate,
        out=out,
        language=job.language if base in VOICES else "auto",
        frame_range=f"{frames.first_frame}-{frames.last_frame_inclusive}",
        only_range=True,
        retime=job.retime_text,
        generator=options.generator,
        seed=options.seed,
        device=options.device,
        sequence_rate=media.rate if media.kind == "sequence" else None,
        no_sync=tuple(
            NoSync(f"{one.first_frame}-{one.last_frame_inclusive}", if_resting=True) for one in job.quiet
        ),
        report=out.parent / f"{out.parent.name}.html" if is_scored else None,
        cast=options.cast,
        **voice_options(job.voices, job.is_mix, dub, job.start_seconds, job.audio_start, job.choice.styles),
    )


@dataclass(frozen=True)
class Aids:
    """What goes with a render: `picture` shows frames as they are made, `memory` holds what others read of
    the same plate.
    """

    progress: Progress
    picture: LatestPicture | None = None
    memory: PlateMemory | None = None


def found_or_made(work: Work, dub: HeardFiles, options: ConformOptions, aids: Aids) -> Rendered:
    """The render of `work` from an earlier run, or made now where it is wanted. `dub` is its stretch of the
    dub as a file. Nothing that goes wrong in it is raised but being stopped, and a disk that takes no more
    (MediaWriteError): no other render would come to anything either.
    """
    try:
        return _found_or_made(work, dub, options, aids)
    except JobCancelled:
        raise
    except PlosiveError as error:
        _require_room(error)
        return Rendered(None, failure=str(error))
    except OSError as error:
        told = write_error(Path(error.filename or options.out), error)
        told.__cause__ = error
        _require_room(told)
        return Rendered(None, failure=str(told))
    except Exception as error:
        return Rendered(None, failure=_defect(error, work))


def _found_or_made(work: Work, dub: HeardFiles, options: ConformOptions, aids: Aids) -> Rendered:
    job = work.job
    done = FinishedRenders(options.out)
    name = render_name(job.group, work.shots, job.language, work.version)
    folder = options.out / language_folder(job.language) / name
    wish = sync_options(job, options, dub, result_path(folder, name, job.group))
    key = key_of(wish)
    render, is_new = done.find(key), False
    if render is not None and render.out:
        keep_folder((done.folder / render.out).parent)
    if render is None and not work.is_wanted:
        return Rendered(None)
    if render is None:
        folder = take_folder(wish.out.parent)
        wish = sync_options(job, options, dub, result_path(folder, folder.name, job.group))
        render, is_new = _made(key, wish, job, done, aids), True
    wish = sync_options(job, options, dub, done.folder / render.out)
    lacks_score = bool(render.out) and wish.report is not None and render.score is None
    if lacks_score and work.is_wanted:
        return Rendered(_scored(render, wish, work, done, aids), is_new)
    return Rendered(render, is_new, lacks_score=lacks_score)


def _made(key: str, wish: SyncOptions, job: RenderJob, done: FinishedRenders, aids: Aids) -> FinishedRender:
    """It is known as finished before it is scored: one that is stopped then is not rendered again."""
    journal = done.folder / ".plosive" / "journals" / key
    folder = wish.out.parent
    try:
        result = sync_plate(replace(wish, report=None), aids.progress, journal, aids.picture, aids.memory)
        frames = job.group.source_frames
        written = sorted(_written(wish.out))
        render = FinishedRender(
            key=key,
            out=wish.out.relative_to(done.folder).as_posix(),
            files=done.facts(written),
            first_frame=frames.first_frame,
            last_frame_inclusive=frames.last_frame_inclusive,
            frames_synced=result.frames_synced,
            kept_ranges=result.kept_ranges,
            seconds=round(result.wall_seconds, 3),
            warnings=result.warnings,
            content=fingerprint(written),
            voices=rendered_voices(job.voices, result.report),
        )
        if not result.frames_synced:
            reason = _unsynced(result.kept_ranges, render.voices)
            render = replace(render, out="", files=(), content="", reason=reason)
        done.keep(render)
    except BaseException:
        give_up_folder(folder)
        raise
    if render.out:
        keep_folder(folder)
    else:
        give_up_folder(folder)
    shutil.rmtree(journal, ignore_errors=True)
    return render


def _scored(
    render: FinishedRender, wish: SyncOptions, work: Work, done: FinishedRenders, aids: Aids
) -> FinishedRender:
    """With its score, or a warning why it has none. What a full disk or a defect kept from being scored is
    scored by the next run.
    """
    assert wish.report is not None
    lacks = f"The result is done, but there is no {wish.report.name}"
    try:
        score, warnings, written = score_finished(wish, aids.progress, aids.memory)
        page = "" if written is None else written.relative_to(done.folder).as_posix()
    except JobCancelled:
        raise
    except (MediaWriteError, OSError) as error:
        return replace(render, warnings=(*render.warnings, f"{lacks}: {error}"))
    except PlosiveError as error:
        score, warnings, page = {"reason": str(error)}, [f"{lacks}: {error}"], ""
    except Exception as error:
        return replace(render, warnings=(*render.warnings, f"{lacks}: {_defect(error, work)}"))
    told = tuple(dict.fromkeys((*render.warnings, *warnings)))
    render = replace(render, score=score, page=page, warnings=told)
    done.keep(render)
    return render


def _require_room(error: PlosiveError) -> None:
    """Raises MediaWriteError where a disk that is full, read-only or closed to us is behind `error`."""
    cause: BaseException | None = error if isinstance(error, MediaWriteError) else None
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _HOPELESS:
            told = str(error).rstrip(".")
            raise MediaWriteError(f"{told}; mend that and run it again: what is done is kept.") from error
        cause = cause.__cause__ or cause.__context__


def _defect(error: Exception, work: Work) -> str:
    return log_defect(error, ["conform", work.job.language, str(work.job.group.shots)])


def _unsynced(kept_ranges: Sequence[tuple[int, int, str]], voices: Sequence[RenderedVoice]) -> str:
    """Why no frame of a render was synced."""
    names = [voice.speaker for voice in voices if voice.speaker]
    if names and not any(voice.faces for voice in voices):
        return f"Nobody who speaks in it is seen in it ({', '.join(names)})."
    why = dict.fromkeys(reason for _, _, reason in kept_ranges)
    if list(why) == [RESTING]:
        return "Nobody speaks in it, and its mouth rests."
    faceless = ", ".join(reason for reason in why if reason != RESTING)
    return f"There is no usable face: {faceless or 'none was found'}."


def _written(out: Path) -> list[Path]:
    if "#" not in out.name:
        return [out]
    return list(out.parent.glob(f"{out.name.partition('#')[0]}*{out.suffix}"))
