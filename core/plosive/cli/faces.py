# SPDX-License-Identifier: Apache-2.0
"""`plosive faces`: who is in a plate, and what the cast calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plosive.cli.console_progress import ConsoleProgress

if TYPE_CHECKING:
    from plosive.faces.people.joining import Doubt
    from plosive.faces.people.roll import Roll
    from plosive.faces.track import FaceTrack

__all__ = ["faces"]

_PATH = click.Path(path_type=Path)


@click.command(short_help="List the people in a plate, name, merge and split them.")
@click.argument("plate", type=_PATH)
@click.option("-o", "--output", "sheet", metavar="PNG", type=_PATH, help="Contact sheet, one row a person.")
@click.option("--cast", metavar="CAST.json", type=_PATH, help="People known from other plates.")
@click.option("--save-cast", metavar="CAST.json", type=_PATH, help="Save the people for the next plate.")
@click.option("--name", "names", metavar="N=NAME", multiple=True, help="Call person N by a name.")
@click.option("--merge", "merges", metavar="N,M", multiple=True, help="N and M are one person: N.")
@click.option("--split", "splits", metavar="N@FRAME", multiple=True, help="From FRAME on, N is someone new.")
@click.option("--embedder", metavar="MODEL.onnx", type=_PATH, help="Tell people apart with your own model.")
@click.option(
    "--embedder-threshold", metavar="D", type=float, help="Cosine distance up to which two are one person."
)
@click.option("--view", metavar="NAME", help="Of a stereo EXR plate, look at this view; default: the hero.")
@click.option("--json", "as_json", is_flag=True, help="Print people and tracks as JSON on standard output.")
@click.option("--overwrite", is_flag=True, help="Replace the contact sheet and the cast if they exist.")
def faces(
    plate: Path,
    sheet: Path | None,
    cast: Path | None,
    save_cast: Path | None,
    names: tuple[str, ...],
    merges: tuple[str, ...],
    splits: tuple[str, ...],
    embedder: Path | None,
    embedder_threshold: float | None,
    view: str | None,
    as_json: bool,
    overwrite: bool,
) -> None:
    """List the people in PLATE: their frames, sizes and turn. Numbers and names are for `sync --face`.

    Merges come first, then splits, then names; with --save-cast they hold in later commands that are given
    --cast.
    """
    from plosive.faces.people.cast_file import read_cast, require_cast_target, write_cast
    from plosive.review.picture_file import require_writable, write_picture

    if sheet is not None:
        require_writable(sheet, overwrite)
    if save_cast is not None:
        require_cast_target(save_cast, overwrite)
    known = None if cast is None else read_cast(cast)
    from dataclasses import replace

    from plosive.faces.people.embedder import open_embedder
    from plosive.faces.survey import survey_faces

    model = None if embedder is None else open_embedder(embedder, embedder_threshold)
    with ConsoleProgress() as progress:
        survey = survey_faces(
            plate,
            progress,
            known,
            None if model is None else model.embed,
            "" if model is None else model.sha256,
            None if model is None else model.threshold,
            view,
        )
    roll = survey.roll
    for wish in merges:
        roll = roll.merged(wish)
    for wish in splits:
        roll = roll.split(wish)
    for wish in names:
        roll = roll.named(wish)
    if sheet is not None:
        write_picture(sheet, replace(survey, roll=roll).contact_sheet())
    if save_cast is not None:
        write_cast(roll.saved(), save_cast, overwrite)
    if as_json:
        facts = _facts(roll) | {
            "contact_sheet": None if sheet is None else str(sheet),
            "cast": None if save_cast is None else str(save_cast),
            "embedder": None if model is None else {"file": model.path.name, "sha256": model.sha256},
        }
        click.echo(json.dumps(facts, indent=1))
        return
    _tell(roll, plate)
    if model is not None:
        click.echo(f"Told apart with {model.path.name}, SHA-256 {model.sha256}.")
    if sheet is not None:
        click.echo(f"Contact sheet: {sheet}")
    if save_cast is not None:
        click.echo(f"Cast: {save_cast}")


def _facts(roll: Roll) -> dict[str, Any]:
    return {
        "people": [
            {
                "number": person,
                "name": roll.cast.name_of(person),
                "frames": sum(len(track.indices) for track in tracks),
                "tracks": [track.number for track in tracks],
            }
            for person, tracks in roll.persons.items()
        ],
        "tracks": [_track_facts(track, roll) for track in sorted(roll.tracks, key=lambda one: one.number)],
        "unsure": [
            {
                "tracks": [doubt.one] if doubt.known else [doubt.one, doubt.other],
                "people": list(_people_of(doubt, roll)),
                "probability": round(doubt.probability, 3),
                "is_joined": doubt.is_joined,
            }
            for doubt in roll.doubts
        ],
        "changes": [
            {
                "track": change.number,
                "frames": [roll.info.first_frame + index for index in (change.before_index, change.index)],
            }
            for change in roll.changes
        ],
    }


def _track_facts(track: FaceTrack, roll: Roll) -> dict[str, Any]:
    import numpy as np

    yaw = track.head.angles_degrees()[:, 0]
    return {
        "number": track.number,
        "person": track.person,
        "shot": track.shot,
        "first_frame": roll.info.first_frame + track.first_frame_index,
        "last_frame_inclusive": roll.info.first_frame + track.last_frame_index_inclusive,
        "frames": len(track.indices),
        "width_px": round(float(np.median(track.face_widths)), 1),
        "yaw_degrees": [round(float(yaw.min()), 1), round(float(yaw.max()), 1)],
        "is_decided": track.number in roll.decided,
    }


def _tell(roll: Roll, plate: Path) -> None:
    if not roll.tracks:
        click.echo(f"No face was found in {plate}.")
    for person, tracks in roll.persons.items():
        name = roll.cast.name_of(person)
        click.echo(f"face {person}" + (f" ({name})" if name else "") + ":")
        for track in tracks:
            facts = _track_facts(track, roll)
            lowest, highest = facts["yaw_degrees"]
            click.echo(
                f"  shot {track.shot}, frames {facts['first_frame']}-{facts['last_frame_inclusive']} "
                f"({facts['frames']} seen), {facts['width_px']:.0f} px wide, "
                f"turned {lowest:+.0f} to {highest:+.0f} degrees"
            )
    for doubt in roll.doubts:
        click.echo(_doubt_line(doubt, roll))
    for sentence in roll.change_sentences():
        click.echo(sentence)


def _doubt_line(doubt: Doubt, roll: Roll) -> str:
    by_number = {track.number: track for track in roll.tracks}
    one, other = _people_of(doubt, roll)
    told = f"{roll.frames_of(by_number[doubt.one])}"
    against = roll.title(doubt.known) if doubt.known else roll.frames_of(by_number[doubt.other])
    if doubt.is_joined:
        later = max(by_number[number].first_frame_index for number in (doubt.one, doubt.other) if number)
        undo = "" if doubt.known else f"; --split {one}@{roll.info.first_frame + later} parts them"
        return (
            f"Not sure: {told} and {against} were taken as one person, {roll.title(one)} "
            f"({doubt.probability:.0%} likely){undo}."
        )
    return (
        f"Not sure: {told} ({roll.title(one)}) and {against} ({roll.title(other)}) were taken as two people, "
        f"{doubt.probability:.0%} likely to be one; --merge {one},{other} joins them."
    )


def _people_of(doubt: Doubt, roll: Roll) -> tuple[int, int]:
    by_number = {track.number: track.person for track in roll.tracks}
    return by_number[doubt.one], doubt.known or by_number[doubt.other]
