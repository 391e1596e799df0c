# SPDX-License-Identifier: Apache-2.0
"""`plosive verify`: proves from two files what is the same in them and what differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plosive.cli.console_progress import ConsoleProgress

if TYPE_CHECKING:
    from plosive.verify.check import Verification

__all__ = ["verify"]

_PATH = click.Path(path_type=Path)


@click.command(short_help="Prove that nothing but the mouth was changed.")
@click.argument("plate", type=_PATH)
@click.argument("out", type=_PATH)
@click.option(
    "--matte",
    metavar="ELEMENTS|IMAGES|VIDEO",
    type=_PATH,
    help="Where OUT may differ: elements of `sync --elements`, or a picture above 0 there.",
)
@click.option("--matte-channel", metavar="NAME", help="Channel of the matte, or alpha; default: the first.")
@click.option(
    "--allow-reencoded", metavar="FRAMES", help="Frames that may be compressed anew: 1001-1010,1020 or all."
)
@click.option("--range", "frames", metavar="FIRST-LAST", help="OUT holds only these frames of PLATE.")
@click.option("--allow-dropped-audio", is_flag=True, help="Audio tracks of PLATE may be missing in OUT.")
@click.option("--ignore-report", is_flag=True, help="Do not read what the report beside OUT admits.")
@click.option("--strict", is_flag=True, help="Fail on every difference, also on what is only told.")
@click.option("--frames", "lists_frames", is_flag=True, help="List what became of each range of frames.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON on standard output.")
@click.pass_context
def verify(
    context: click.Context,
    plate: Path,
    out: Path,
    matte: Path | None,
    matte_channel: str | None,
    allow_reencoded: str | None,
    frames: str | None,
    allow_dropped_audio: bool,
    ignore_report: bool,
    strict: bool,
    lists_frames: bool,
    as_json: bool,
) -> None:
    """Prove from the files alone what of OUT is PLATE, byte for byte and sample for sample, however it was
    made.

    PLATE and OUT are two videos, or two image sequences (pattern, one of the files, or folder). With --matte
    OUT may differ only there: in ProRes in the 8x8 blocks the matte meets, elsewhere exactly in it. An OUT of
    `sync --only-range` is held against its own frames of PLATE, which its report or --range tells. The exit
    code is 0 when that holds, 1 when it does not, 2 when it cannot be said.
    """
    from plosive.verify.frameranges import parse_frames, parse_part
    from plosive.verify.job import verify_files
    from plosive.verify.options import VerifyOptions

    options = VerifyOptions(
        plate=plate,
        out=out,
        matte=matte,
        matte_channel=matte_channel,
        allowed_reencoded=() if allow_reencoded is None else parse_frames(allow_reencoded),
        allows_dropped_audio=allow_dropped_audio,
        is_strict=strict,
        uses_report=not ignore_report,
        part=None if frames is None else parse_part(frames),
    )
    with ConsoleProgress() as progress:
        found = verify_files(options, progress)
    if as_json:
        click.echo(json.dumps(found.facts(), indent=1, allow_nan=False))
    else:
        _tell(found, lists_frames)
    if not found.has_passed:
        context.exit(1)


def _tell(found: Verification, lists_frames: bool) -> None:
    """One line a check, then the verdict, in plain characters."""
    failures = found.failures
    width = max(len(check.name) for check in found.checks)
    for check in found.checks:
        status = "FAIL" if check in failures else check.status.value
        click.echo(f"{check.name:<{width}}  {status:<8}  {check.sentence}")
    if lists_frames:
        click.echo("")
        for run in found.frame_facts():
            first, last = run["first_frame"], run["last_frame_inclusive"]
            click.echo(f"{first if first == last else f'{first}-{last}'}  {run['state']}")
        for check in found.checks:
            entries = check.figures.get("frames")
            for entry in entries if isinstance(entries, list) else ():
                click.echo(f"{check.name}: {json.dumps(entry)}")
    click.echo("")
    click.echo(found.verdict)
