# SPDX-License-Identifier: Apache-2.0
"""One render of a reel: known from an earlier run, or made."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from plosive.cli.failures import log_defect
from plosive.conform import Shot
from plosive.errors import JobCancelled, MediaWriteError, PlosiveError
from plosive.media.staging import write_error
from plosive.progress import Progress
from plosive.reel.finished import FinishedRender, FinishedRenders
from plosive.reel.jobs import RenderJob
from plosive.reel.naming import render_name, result_path
from plosive.reel.options import ConformOptions
from plosive.speakers import NoSync
from plosive.sync.job import sync_plate
from plosive.sync.job_key import key_of
from plosive.sync.latest_picture import LatestPicture
from plosive.sync_options import SyncOptions

__all__ = ["Rendered", "found_or_made", "sync_options"]


@dataclass(frozen=True)
class Rendered:
    """What came of one render; `render` is None where it failed (`failure`, one sentence) or was not
    wanted.
    """

    render: FinishedRender | None
    is_new: bool = False
    failure: str = ""


def sync_options(job: RenderJob, options: ConformOptions, dub: Path, out: Path) -> SyncOptions:
    """The job as `plosive sync` would be asked for it."""
    from plosive.speech.text.languages import VOICES

    group, media = job.group, job.group.media
    assert media.path is not None
    frames = group.source_frames
    base = job.language.replace("_", "-").split("-")[0].lower()
    return SyncOptions(
        plate=media.path,
        dub=dub,
        out=out,
        audio_start=None if job.audio_start is None else str(job.audio_start),
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
        report=out.parent / f"{out.parent.name}.html" if options.score and not job.retime else None,
    )


def found_or_made(
    job: RenderJob,
    dub: Path,
    shots: tuple[Shot, ...],
    options: ConformOptions,
    version: int,
    progress: Progress,
    is_wanted: bool = True,
    picture: LatestPicture | None = None,
) -> Rendered:
    """The render of `job` from an earlier run, or made now where `is_wanted`. `dub` is its stretch of the dub
    as a file, `shots` those of its group; `picture` shows frames as they are made. Nothing that goes wrong in
    it is raised but being stopped.
    """
    try:
        return _found_or_made(job, dub, shots, options, version, progress, is_wanted, picture)
    except JobCancelled:
        raise
    except PlosiveError as error:
        return Rendered(None, failure=str(error))
    except OSError as error:
        return Rendered(None, failure=str(write_error(options.out, error)))
    except Exception as error:
        return Rendered(None, failure=log_defect(error, ["conform", job.language, str(job.group.shots)]))


def _found_or_made(
    job: RenderJob,
    dub: Path,
    shots: tuple[Shot, ...],
    options: ConformOptions,
    version: int,
    progress: Progress,
    is_wanted: bool,
    picture: LatestPicture | None,
) -> Rendered:
    done = FinishedRenders(options.out)
    name = render_name(job.group, shots, job.language, version)
    wish = sync_options(job, options, dub, result_path(options.out / job.language / name, name, job.group))
    key = key_of(wish)
    known = done.find(key)
    if known is not None or not is_wanted:
        return Rendered(known)
    folder = _own_folder(wish.out.parent, done)
    wish = sync_options(job, options, dub, result_path(folder, folder.name, job.group))
    journal = options.out / ".plosive" / "journals" / key
    try:
        result = sync_plate(wish, progress, journal, picture)
    except BaseException:
        _remove_if_empty(folder)
        raise
    frames = job.group.source_frames
    render = FinishedRender(
        key=key,
        out=wish.out.relative_to(options.out).as_posix(),
        files=done.facts(sorted(_written(wish.out))),
        first_frame=frames.first_frame,
        last_frame_inclusive=frames.last_frame_inclusive,
        frames_synced=result.frames_synced,
        kept_ranges=result.kept_ranges,
        seconds=round(result.wall_seconds, 3),
        score=_score(result.report),
        page=_below(wish.report, options.out),
        warnings=result.warnings,
    )
    if not result.frames_synced:
        why = dict.fromkeys(reason for _, _, reason in result.kept_ranges)
        shutil.rmtree(folder)  # it holds what was made just now, and nothing else
        reason = f"There is no usable face: {', '.join(why) or 'none was found'}."
        render = replace(render, out="", files=(), page="", score=None, reason=reason)
    done.keep(render)
    shutil.rmtree(journal, ignore_errors=True)
    return Rendered(render, is_new=True)


def _own_folder(folder: Path, done: FinishedRenders) -> Path:
    """A folder that holds nothing, for one render alone: one that an interrupted run left empty, or new."""
    for number in range(1, 1000):
        own = folder if number == 1 else folder.with_name(f"{folder.name}_{number}")
        own.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            own.mkdir()
            return own
        if own.is_dir() and all(_is_partial(path) for path in own.iterdir()):
            for path in own.iterdir():
                path.unlink(missing_ok=True)
            return own
    raise MediaWriteError(f"{folder} and a thousand more like it exist; clear {done.folder} up.")


def _is_partial(path: Path) -> bool:
    """What a killed job left behind under a temporary name."""
    return path.name.startswith(".") and path.name.endswith(".part")


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _written(out: Path) -> list[Path]:
    if "#" not in out.name:
        return [out]
    return list(out.parent.glob(f"{out.name.partition('#')[0]}*{out.suffix}"))


def _score(report: dict[str, object]) -> dict[str, object] | None:
    score: Any = report.get("score")
    return score if isinstance(score, dict) else None


def _below(page: Path | None, folder: Path) -> str:
    return page.relative_to(folder).as_posix() if page is not None and page.is_file() else ""
