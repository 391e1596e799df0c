# SPDX-License-Identifier: Apache-2.0
"""`plosive faces`: which faces a plate holds."""

from __future__ import annotations

import json
from pathlib import Path

import click

from plosive.cli.console_progress import ConsoleProgress

__all__ = ["faces"]


@click.command(short_help="List the faces in a plate.")
@click.argument("plate", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", "sheet", metavar="PNG", type=click.Path(path_type=Path), help="Contact sheet."
)
@click.option("--json", "as_json", is_flag=True, help="Print the tracks as JSON on standard output.")
@click.option("--overwrite", is_flag=True, help="Replace the contact sheet if it exists.")
def faces(plate: Path, sheet: Path | None, as_json: bool, overwrite: bool) -> None:
    """List the faces in PLATE: their frames, sizes and turn. Their numbers are for `sync --face`."""
    from plosive.review.picture_file import require_writable, write_picture

    if sheet is not None:
        require_writable(sheet, overwrite)
    from plosive.faces.survey import survey_faces

    with ConsoleProgress() as progress:
        survey = survey_faces(plate, progress)
    if sheet is not None:
        write_picture(sheet, survey.contact_sheet)
    facts = [
        {
            "number": track.number,
            "shot": track.shot,
            "first_frame": track.first_frame,
            "last_frame_inclusive": track.last_frame_inclusive,
            "frames": track.frames,
            "width_px": round(float(track.width_px), 1),
            "yaw_degrees": [round(float(angle), 1) for angle in track.yaw_degrees],
        }
        for track in survey.tracks
    ]
    if as_json:
        contact_sheet = None if sheet is None else str(sheet)
        click.echo(json.dumps({"tracks": facts, "contact_sheet": contact_sheet}, indent=1))
        return
    if not facts:
        click.echo(f"No face was found in {plate}.")
    for track in survey.tracks:
        lowest, highest = track.yaw_degrees
        frames = f"frames {track.first_frame}-{track.last_frame_inclusive} ({track.frames} seen)"
        turn = f"turned {lowest:+.0f} to {highest:+.0f} degrees"
        click.echo(f"face {track.number}: {frames}, {track.width_px:.0f} px wide, {turn}")
    if sheet is not None:
        click.echo(f"Contact sheet: {sheet}")
