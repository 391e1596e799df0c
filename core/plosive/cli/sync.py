# SPDX-License-Identifier: Apache-2.0
"""`plosive sync`: the main job."""

from __future__ import annotations

import json
from pathlib import Path

import click

from plosive.cli.console_progress import ConsoleProgress
from plosive.cli.rate import frame_rate
from plosive.keyed_reading import read_keyed
from plosive.media.plateaudio import PlateAudio
from plosive.speakers import NoSync, speakers_and_transcript
from plosive.sync_options import (
    DEVICES,
    ELEMENTS_COMPRESSIONS,
    ELEMENTS_WINDOWS,
    LENGTH_MISMATCHES,
    SyncOptions,
    SyncResult,
)

__all__ = ["result_facts", "sync", "tell"]

_PATH = click.Path(path_type=Path)


@click.command(short_help="Make the mouth in a plate say a dub.")
@click.argument("plate", type=_PATH)
@click.option("--audio", "dub", metavar="DUB", type=_PATH, help="The new speech.")
@click.option(
    "--speaker",
    "speakers",
    metavar="FACE=DUB[@TIME]",
    multiple=True,
    help="One of several speakers: a face and its dub, or with --turns its name there.",
)
@click.option(
    "--turns", metavar="FILE", type=_PATH, help="Who speaks when in DUB: .rttm, or named subtitles."
)
@click.option("-o", "--output", "out", metavar="OUT", type=_PATH, required=True, help="The synced plate.")
@click.option(
    "--audio-start",
    metavar="TIME",
    help="Timecode or seconds in the plate where the dub begins; below 0: before it.",
)
@click.option("--audio-channel", type=int, metavar="N", help="Listen to this channel only; 1 is the first.")
@click.option(
    "--on-length-mismatch",
    type=click.Choice(LENGTH_MISMATCHES),
    default="plate",
    show_default=True,
    help="Dub and plate differ in length: keep the plate's, refuse, or hold the last frame.",
)
@click.option(
    "--transcript",
    "transcripts",
    metavar="[FACE=]TEXT|FILE",
    multiple=True,
    help="What is said: text, subtitles, or timed words; with --speaker one for each.",
)
@click.option("--language", default="auto", show_default=True, help="Language spoken, such as de or pt-BR.")
@click.option(
    "--motion", metavar="FILE", type=_PATH, help="Use this motion (`plosive motion`), do not listen."
)
@click.option("--range", "frame_range", metavar="FIRST-LAST", help="Sync these frames of the plate only.")
@click.option(
    "--only-range", is_flag=True, help="OUT holds the frames of --range alone, not the whole plate."
)
@click.option(
    "--handles",
    type=int,
    metavar="N",
    default=0,
    help="With --only-range: up to N frames more at both ends, synced, too.",
)
@click.option(
    "--retime",
    metavar="SPEC",
    help="Speed of PLATE on the timeline DUB is made for: 2, 50%, -1, or keys such as '1001=0, 1100=4.125'.",
)
@click.option(
    "--face",
    default="auto",
    show_default=True,
    help="auto, a number or name from `faces`, a click X,Y@FRAME, or a box X,Y,W,H@FRAME.",
)
@click.option("--cast", metavar="CAST.json", type=_PATH, help="People known from `faces --save-cast`.")
@click.option(
    "--no-sync",
    metavar="[FACE=]FIRST-LAST",
    multiple=True,
    help="Keep the plate in these frames (or timecodes), for one face or all.",
)
@click.option("--strength", metavar="V", default="1", show_default=True, help="0 = original, 1 = dub fully.")
@click.option("--jaw", metavar="V", default="1", show_default=True, help="Gain of the jaw's motion, 0 to 2.")
@click.option("--lip", metavar="V", default="1", show_default=True, help="Gain of the lips' motion, 0 to 2.")
@click.option(
    "--articulation",
    metavar="V",
    default="1",
    show_default=True,
    help="0 = mumbled, 1 = as found, 2 = overdone.",
)
@click.option(
    "--actor-footage",
    metavar="FILE",
    type=_PATH,
    multiple=True,
    help="Another take of the actor, to learn the mouth's range from; may be given more than once.",
)
@click.option("--generator", default="plate", show_default=True, help="What makes the new mouth.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same pixels.")
@click.option("--device", type=click.Choice(DEVICES), default="auto", show_default=True, help="Where to run.")
@click.option("--elements", metavar="DIR", type=_PATH, help="Also write layers for compositing there.")
@click.option(
    "--elements-window",
    type=click.Choice(ELEMENTS_WINDOWS),
    default="made",
    show_default=True,
    help="Layers as large as what was made, or as the whole picture.",
)
@click.option(
    "--elements-compression",
    type=click.Choice(ELEMENTS_COMPRESSIONS),
    default="zip",
    show_default=True,
    help="All are lossless; none is the fastest to write.",
)
@click.option("--elements-start", metavar="FRAME", type=int, help="Number the first layers so, as 1001.")
@click.option("--report", metavar="PATH", type=_PATH, help="X.html: score the result. X.json: what was done.")
@click.option("--redo", metavar="FLAGS.json", type=_PATH, help="Try again what `score --flags` flagged.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
@click.option("--no-cache", is_flag=True, help="Look at the faces anew, and keep nothing of them.")
@click.option("--overwrite", is_flag=True, help="Replace OUT if it exists.")
@click.option(
    "--plate-audio",
    type=click.Choice([one.value for one in PlateAudio]),
    default=PlateAudio.AUTO.value,
    show_default=True,
    help="The plate's own audio tracks beside the dub; auto: kept in a patched file, dropped in a new one.",
)
@click.option("--codec", help="Codec of OUT, such as prores_hq or ffv1; default: the plate's own.")
@click.option("--colorspace", metavar="NAME", help="Colour space of PLATE (`plosive colorspaces`).")
@click.option("--ocio", metavar="CONFIG", help="OCIO config; default: OCIO's, else the built-in ACES one.")
@click.option("--rate", metavar="FPS", help="Frame rate of an image sequence; default: its own, else 24.")
@click.option("--view", metavar="NAME", help="Of a stereo EXR plate, sync this view; default: the hero.")
def sync(
    plate: Path,
    dub: Path | None,
    speakers: tuple[str, ...],
    turns: Path | None,
    out: Path,
    audio_start: str | None,
    audio_channel: int | None,
    on_length_mismatch: str,
    transcripts: tuple[str, ...],
    language: str,
    motion: Path | None,
    frame_range: str | None,
    only_range: bool,
    handles: int,
    retime: str | None,
    face: str,
    cast: Path | None,
    no_sync: tuple[str, ...],
    strength: str,
    jaw: str,
    lip: str,
    articulation: str,
    actor_footage: tuple[Path, ...],
    generator: str,
    seed: int,
    device: str,
    elements: Path | None,
    elements_window: str,
    elements_start: int | None,
    elements_compression: str,
    report: Path | None,
    redo: Path | None,
    dry_run: bool,
    as_json: bool,
    no_cache: bool,
    overwrite: bool,
    plate_audio: str,
    codec: str | None,
    colorspace: str | None,
    ocio: str | None,
    rate: str | None,
    view: str | None,
) -> None:
    """Make the mouth in PLATE say DUB and write the result to OUT.

    Several people: --speaker 1=anna.wav --speaker 2=ben.wav, or one dub with --turns (RTTM, or subtitles
    with times and names) and --speaker 1=Anna --speaker 2=Ben; `plosive faces` shows the numbers.

    PLATE is a video file, a still, or an image sequence (shot.%04d.exr, shot.####.exr, shot.1001-1100#.exr,
    one of its files, or its folder). DUB is any file with audio.

    V is a number, or changes over time: keys such as "1001=0, 1013=1, 01:00:02:00=0.5" (frame or
    timecode = value, straight between keys), a Nuke curve "{curve x1001 0 x1013 1}", or a JSON, CSV or text
    file of keys.
    """
    spoken_by, transcript = speakers_and_transcript(speakers, transcripts)
    options = SyncOptions(
        plate=plate,
        dub=dub,
        out=out,
        audio_start=audio_start,
        audio_channel=audio_channel,
        on_length_mismatch=on_length_mismatch,
        transcript=transcript,
        language=language,
        frame_range=frame_range,
        only_range=only_range,
        handles=handles,
        retime=retime,
        face=face,
        cast=cast,
        strength=read_keyed(strength, "strength"),
        jaw=read_keyed(jaw, "jaw"),
        lip=read_keyed(lip, "lip"),
        articulation=read_keyed(articulation, "articulation"),
        actor_footage=actor_footage,
        generator=generator,
        seed=seed,
        device=device,
        elements=elements,
        elements_window=elements_window,
        elements_start=elements_start,
        elements_compression=elements_compression,
        report=report,
        redo=redo,
        motion=motion,
        dry_run=dry_run,
        overwrite=overwrite,
        plate_audio=PlateAudio(plate_audio),
        codec=codec,
        colorspace=colorspace,
        ocio=ocio,
        speakers=spoken_by,
        turns=turns,
        use_cache=not no_cache,
        no_sync=tuple(NoSync.parse(text) for text in no_sync),
        sequence_rate=None if rate is None else frame_rate(rate),
        view=view,
    ).validated()

    from plosive.sync import sync_plate

    with ConsoleProgress() as progress:
        result = sync_plate(options, progress)
    for sentence in result.warnings:
        progress.warn(sentence)
    if as_json:
        click.echo(json.dumps(result_facts(result), indent=1, default=str))
    else:
        tell(result, dry_run)


def tell(result: SyncResult, dry_run: bool = False) -> None:
    """Say on standard output what came of a job."""
    for first, last_inclusive, reason in result.kept_ranges:
        frames = f"frame {first}" if first == last_inclusive else f"frames {first}-{last_inclusive}"
        click.echo(f"Plate kept in {frames}: {reason}")
    if dry_run:
        for sentence in result.notes:
            click.echo(sentence)
    counts = f"{result.frames_synced} of {result.frames_total} frames"
    if dry_run:
        click.echo(f"Would sync {counts} and write {result.out}; nothing was written.")
        return
    seconds = result.wall_seconds
    speed = f" in {seconds:.1f} s ({result.frames_total / seconds:.1f} fps)" if seconds > 0 else ""
    click.echo(f"Synced {counts}{speed}: {result.out}")
    for sentence in result.notes:
        click.echo(sentence)


def result_facts(result: SyncResult) -> dict[str, object]:
    """The result as JSON-ready facts."""
    return {
        "out": str(result.out),
        "frames_total": result.frames_total,
        "frames_synced": result.frames_synced,
        "kept_ranges": [
            {"first_frame": first, "last_frame_inclusive": last_inclusive, "reason": reason}
            for first, last_inclusive, reason in result.kept_ranges
        ],
        "warnings": list(result.warnings),
        "notes": list(result.notes),
        "stage_seconds": result.stage_seconds,
        "wall_seconds": round(result.wall_seconds, 3),
        "report": result.report,
    }
