# SPDX-License-Identifier: Apache-2.0
"""`plosive bench`: how fast this machine syncs, and how much memory that takes."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from pathlib import Path

import click

from plosive.cli.console_progress import ConsoleProgress
from plosive.errors import OptionError
from plosive.sync_options import DEVICES

__all__ = ["bench"]

_PATH = click.Path(path_type=Path)
_SPEECH_SECONDS = 60.0
_MAKING_HEIGHTS, _MAKING_SECONDS = (1080, 2160), 1.0
_WRITING_SECONDS = 1.0, 0.25  # up to 1080p, and above: all frames are held in memory
_SERVING_SECONDS = 2.0
_CONFORM_SECONDS = 6.0
_QUICK_SECONDS, _QUICK_LONG_SECONDS, _QUICK_HEIGHT = 2.0, 4.0, 360


@click.command(short_help="Time every stage, and peak memory.")
@click.option("--seconds", type=float, default=10.0, show_default=True, help="Length of the first plate.")
@click.option("--long-seconds", type=float, default=60.0, show_default=True, help="Of the second; 0: none.")
@click.option("--height", type=int, default=1080, show_default=True, help="Picture height; 16:9.")
@click.option("--quick", is_flag=True, help="2 and 4 seconds at 640 x 360: does it run, not how fast.")
@click.option("--plate", type=_PATH, help="Measure this plate instead of the sample (needs --audio).")
@click.option("--audio", "dub", type=_PATH, help="The dub for --plate.")
@click.option("--device", type=click.Choice(DEVICES), default="auto", show_default=True, help="Where to run.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON on standard output.")
def bench(
    seconds: float,
    long_seconds: float,
    height: int,
    quick: bool,
    plate: Path | None,
    dub: Path | None,
    device: str,
    as_json: bool,
) -> None:
    """Time every stage of a job (ms per frame) against the floor, and its peak memory at two lengths.

    The floor is reading and writing the same frames and nothing else. Scoring the result is timed against
    the clip's own length, and so is the motion of a minute of dub whose words are known. Faces are found in
    the plate as it is and in its picture repeated 4 and 16 times. New mouths are made and merged alone, too,
    at 1080p and UHD, and written alone: patched, compressed anew, and the file copied. A reel of two shots
    is conformed in one language and in two. A job goes through a daemon of its own, with 200 watchers, and
    through `plosive sync`. Without --plate, ProRes 422 HQ samples are made for it.
    """
    from plosive.bench.conforming import conforming_lines, measure_languages_apart
    from plosive.bench.finding import MeasuredFaces, faces_lines, measure_faces_apart
    from plosive.bench.listening import measure_motion_apart, motion_lines
    from plosive.bench.making import making_lines, measure_making_apart
    from plosive.bench.material import write_material, write_speech
    from plosive.bench.measured import MeasuredJob
    from plosive.bench.measuring import measure_apart
    from plosive.bench.scoring import MeasuredScore, measure_score_apart, score_lines
    from plosive.bench.serving import can_serve, measure_serving_apart, serving_lines
    from plosive.bench.table import job_lines, memory_line
    from plosive.bench.writing import measure_writing_apart, writing_lines

    if (plate is None) != (dub is None):
        raise OptionError("--plate and --audio belong together; give both or neither.")
    if quick:
        seconds, long_seconds, height = _QUICK_SECONDS, _QUICK_LONG_SECONDS, _QUICK_HEIGHT
    if not 0 < seconds <= 3600 or not 0 <= long_seconds <= 3600 or not 90 <= height <= 4320:
        raise OptionError("--seconds and --long-seconds go up to 3600, --height from 90 to 4320.")
    jobs: list[MeasuredJob] = []
    scores: list[MeasuredScore] = []
    faces: list[MeasuredFaces] = []
    with tempfile.TemporaryDirectory(prefix="plosive-bench-") as name:
        folder = Path(name)
        lengths = [seconds] if plate is not None or long_seconds == 0 else [seconds, long_seconds]
        for length in lengths:
            with ConsoleProgress() as progress:
                if plate is not None and dub is not None:
                    material = plate, dub
                else:
                    material = write_material(folder, length, height, progress)
                progress.start("measuring", None)
                out = folder / f"out{material[0].suffix}"
                jobs.append(measure_apart(*material, out, device))
                progress.start("scoring", None)
                scores.append(measure_score_apart(out, material[1], material[0]))
                progress.start("faces", None)
                faces.append(measure_faces_apart(material[0]))
            if not as_json:
                lines = [*job_lines(jobs[-1]), *score_lines(scores[-1]), *faces_lines(faces[-1])]
                click.echo("\n".join(lines) + "\n")
            if plate is None:
                material[0].unlink()
        making, writing = [], []
        for size in [height] if quick or plate is not None else _MAKING_HEIGHTS:
            with ConsoleProgress() as progress:
                (own := folder / str(size)).mkdir()
                if plate is None:
                    material = write_material(own, _MAKING_SECONDS, size, progress)
                progress.start("making", None)
                making.append(measure_making_apart(*material, device))
                progress.start("writing", None)
                if plate is None:
                    short = write_material(own, _WRITING_SECONDS[size > _MAKING_HEIGHTS[0]], size, progress)
                    writing += measure_writing_apart(short[0])
        if not as_json:
            click.echo("\n".join(making_lines(making)) + "\n")
            if writing:
                click.echo("\n".join(writing_lines(writing)) + "\n")
        with ConsoleProgress() as progress:
            progress.start("motion", None)
            speech = write_speech(folder, _QUICK_LONG_SECONDS if quick else _SPEECH_SECONDS)
            motion = measure_motion_apart(*speech, folder)
        if not as_json:
            click.echo("\n".join(motion_lines(motion)) + "\n")
        with ConsoleProgress() as progress:
            (own := folder / "conform").mkdir()
            if plate is None:
                material = write_material(own, _CONFORM_SECONDS, min(height, _MAKING_HEIGHTS[0]), progress)
            progress.start("conform", None)
            conformed = measure_languages_apart(*material, own)
        if not as_json:
            click.echo("\n".join(conforming_lines(conformed)) + "\n")
        serving = None
        if can_serve():
            with ConsoleProgress() as progress:
                (own := folder / "daemon").mkdir()
                if plate is None:
                    material = write_material(
                        own, _SERVING_SECONDS, min(height, _MAKING_HEIGHTS[0]), progress
                    )
                progress.start("daemon", None)
                serving = measure_serving_apart(*material, own)
            if not as_json:
                click.echo("\n".join(serving_lines(serving)) + "\n")
    if as_json:
        facts: list[dict[str, object]] = [
            {
                **dataclasses.asdict(job),
                "scoring": dataclasses.asdict(score),
                "faces": dataclasses.asdict(found),
            }
            for job, score, found in zip(jobs, scores, faces, strict=True)
        ]
        facts.append({"making": [dataclasses.asdict(one) for one in making]})
        facts.append({"writing": [dataclasses.asdict(one) for one in writing]})
        facts.append({"motion": dataclasses.asdict(motion)})
        ratios = {"wall_ratio": conformed.wall_ratio, "cpu_ratio": conformed.cpu_ratio}
        facts.append({"conform": {**dataclasses.asdict(conformed), **ratios}})
        if serving is not None:
            facts.append({"daemon": dataclasses.asdict(serving)})
        click.echo(json.dumps(facts, indent=1, default=str))
    elif len(jobs) == 2:
        click.echo(memory_line(jobs[0], jobs[1]))
        click.echo(memory_line(scores[0], scores[1], of="Memory of scoring"))
        click.echo(memory_line(faces[0], faces[1], of="Memory of finding faces"))
