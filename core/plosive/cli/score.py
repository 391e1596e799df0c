# SPDX-License-Identifier: Apache-2.0
"""`plosive score`: how good a lip-synced video is, and which ranges to do again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plosive.cli.console_progress import ConsoleProgress
from plosive.cli.rate import frame_rate
from plosive.score_options import REPORT_SUFFIXES, ScoreOptions

if TYPE_CHECKING:
    from plosive.quality.figure import Figure
    from plosive.quality.scorecard import Flag, Point, Scorecard

__all__ = ["score"]

_PATH = click.Path(path_type=Path)
_BAR = 10


@click.command(short_help="Measure how good a lip-synced video is.")
@click.argument("result", type=_PATH)
@click.option("--audio", "dub", metavar="DUB", type=_PATH, help="What it should say; default: its own sound.")
@click.option("--plate", type=_PATH, metavar="PLATE", help="The picture before the lip sync, to compare.")
@click.option(
    "--plate-range", metavar="FIRST-LAST", help="Part of PLATE that RESULT holds, in PLATE's frame numbers."
)
@click.option("--transcript", metavar="TEXT|FILE", help="What is said: text, subtitles, or timed words.")
@click.option(
    "--transcript-speaker", metavar="NAME", help="Of a transcript with names, take this speaker's lines."
)
@click.option("--language", default="auto", show_default=True, help="Language spoken, such as de or pt-BR.")
@click.option("--audio-start", metavar="TIME", help="Timecode or seconds in RESULT where the dub begins.")
@click.option("--audio-channel", type=int, metavar="N", help="Listen to this channel only; 1 is the first.")
@click.option("--face", default="auto", show_default=True, help="auto, number, name, X,Y@FRAME or box.")
@click.option("--cast", metavar="CAST.json", type=_PATH, help="People known from `faces --save-cast`.")
@click.option("--colorspace", metavar="NAME", help="Colour space of RESULT and PLATE.")
@click.option("--ocio", metavar="CONFIG", help="OCIO config; default: OCIO's, else the built-in ACES one.")
@click.option("--rate", metavar="FPS", help="Frame rate of an image sequence; default: its own, else 24.")
@click.option("--view", metavar="NAME", help="Of stereo EXR files, look at this view; default: the hero.")
@click.option("-o", "--output", "report", metavar="REPORT.html", type=_PATH, help="Write a page to look at.")
@click.option("--flags", metavar="FLAGS.json", type=_PATH, help="Write the ranges worth doing again.")
@click.option("--markers", metavar="MARKERS.otio", type=_PATH, help="Write them as markers for an editor.")
@click.option("--json", "as_json", is_flag=True, help="Print the score as JSON on standard output.")
@click.option("--overwrite", is_flag=True, help="Replace what is written if it exists.")
def score(
    result: Path,
    dub: Path | None,
    plate: Path | None,
    plate_range: str | None,
    transcript: str | None,
    transcript_speaker: str | None,
    language: str,
    audio_start: str | None,
    audio_channel: int | None,
    face: str,
    cast: Path | None,
    colorspace: str | None,
    ocio: str | None,
    rate: str | None,
    view: str | None,
    report: Path | None,
    flags: Path | None,
    markers: Path | None,
    as_json: bool,
    overwrite: bool,
) -> None:
    """Measure how good RESULT is, any lip-synced video or image sequence, whoever made it.

    With --audio the mouth is compared with the dub instead of RESULT's own sound, with --plate the picture
    with what it was before.
    """
    options = ScoreOptions(
        result=result,
        dub=dub,
        plate=plate,
        plate_range=plate_range,
        audio_start=audio_start,
        audio_channel=audio_channel,
        transcript=transcript,
        transcript_speaker=transcript_speaker,
        language=language,
        face=face,
        cast=cast,
        colorspace=colorspace,
        ocio=ocio,
        sequence_rate=None if rate is None else frame_rate(rate),
        view=view,
    ).validated()
    _require_outputs(report, flags, markers, overwrite)

    from plosive.quality.job import score_result

    with ConsoleProgress() as progress:
        card = score_result(options, progress)
        for sentence in card.warnings:
            progress.warn(sentence)
        written = _write(card, options, report, flags, markers, overwrite, progress)
    if as_json:
        from plosive.quality.record import scorecard_facts

        click.echo(json.dumps(scorecard_facts(card), indent=1, allow_nan=False))
        return
    _tell(card)
    for line in written:
        click.echo(line)


def _require_outputs(report: Path | None, flags: Path | None, markers: Path | None, overwrite: bool) -> None:
    from plosive.quality.outputs import FLAGS_SUFFIXES, MARKERS_SUFFIXES, require_output

    for path, what, suffixes in (
        (report, "the report", REPORT_SUFFIXES),
        (flags, "flags", FLAGS_SUFFIXES),
        (markers, "markers", MARKERS_SUFFIXES),
    ):
        if path is not None:
            require_output(path, what, suffixes, overwrite)


def _write(
    card: Scorecard,
    options: ScoreOptions,
    report: Path | None,
    flags: Path | None,
    markers: Path | None,
    overwrite: bool,
    progress: ConsoleProgress,
) -> list[str]:
    """The files that were asked for; one line each."""
    lines = []
    if flags is not None:
        from plosive.quality.flags_file import write_flags
        from plosive.speech import read_transcript

        words = read_transcript(options.transcript) if options.transcript else None
        write_flags(card, flags, overwrite, words, options.language)
        lines.append(f"Flags: {flags}")
    if markers is not None:
        from plosive.quality.markers import write_markers

        write_markers(card, markers, overwrite)
        lines.append(f"Markers: {markers}")
    if report is not None:
        from plosive.quality.report import write_report

        write_report(card, report, overwrite, options.sequence_rate, progress, options.colour, options.view)
        lines.append(f"Report: {report}")
    return lines


def _tell(card: Scorecard) -> None:
    """Points, figures and flags on standard output, in plain characters."""
    width = max((len(point.title) for point in card.points), default=0)
    for point in card.points:
        click.echo(_point_line(point, width))
    click.echo(
        f"\n{card.total:.1f} of {card.total_of}\n" if card.total_of else "\nNothing could be judged.\n"
    )
    rows = [("figure", "value", "unit", "real footage", "measured on")]
    rows += [_figure_row(figure) for figure in card.figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for title, value, unit, reference, measured_on in rows:
        cells = f"{title:<{widths[0]}}  {value:>{widths[1]}}  {unit:<{widths[2]}}  {reference:<{widths[3]}}"
        click.echo(f"{cells}  {measured_on}".rstrip())
    click.echo("")
    if not card.flags:
        click.echo("No range is flagged.")
    for flag in card.flags:
        click.echo(_flag_line(card, flag))


def _point_line(point: Point, width: int) -> str:
    if point.value is None:
        return f"{point.title:<{width}}  [{'?' * _BAR}]    -  {point.reason}"
    filled = round(min(max(point.value, 0.0), 1.0) * _BAR)
    bar = "#" * filled + "-" * (_BAR - filled)
    return f"{point.title:<{width}}  [{bar}] {point.value:4.2f}  {point.reason}"


def _figure_row(figure: Figure) -> tuple[str, str, str, str, str]:
    definition = figure.definition
    reference = "" if definition.reference is None else "{:.3g} to {:.3g}".format(*definition.reference)
    if figure.value is None:
        return definition.title, "-", definition.unit, reference, figure.note
    counted = f"{figure.sample_count} {figure.counted}"
    return definition.title, f"{figure.value:.3g}", definition.unit, reference, counted


def _flag_line(card: Scorecard, flag: Flag) -> str:
    first, last_inclusive = flag.first_frame, flag.last_frame_inclusive
    frames = f"frame {first}" if first == last_inclusive else f"frames {first}-{last_inclusive}"
    timecode = "" if card.start_timecode is None else f"  {card.timecode(first)}"
    return f"{frames}{timecode}  severity {flag.severity:.2f}  {flag.sentence}"
