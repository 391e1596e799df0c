# SPDX-License-Identifier: Apache-2.0
"""`plosive conform`: an edit and its dubs in, a conformed edit out."""

from __future__ import annotations

import json
from pathlib import Path

import click

from plosive.cli.console_progress import ConsoleProgress
from plosive.cli.rate import frame_rate
from plosive.sync_options import DEVICES

__all__ = ["conform"]

_PATH = click.Path(path_type=Path)
_SOME_FAILED = 3


@click.command()
@click.argument("edit", type=_PATH)
@click.option("-o", "--output", "out", metavar="DIR", type=_PATH, required=True, help="Where results go.")
@click.option(
    "--dub",
    "dubs",
    metavar="LANG[:NAME]=AUDIO|TRACK",
    multiple=True,
    help="A language's dub: a mix (de=mix.wav, de=mix.wav@01:00:00:00) or a track (de=A2); #N: channel N; "
    "with NAME the stem of one speaker (de:Anna=A2).",
)
@click.option(
    "--transcript",
    "transcripts",
    metavar="LANG[:NAME]=FILE[@TIME]",
    multiple=True,
    help="What is said, in the edit's time: subtitles or timed words; TIME: where its 00:00:00 stands.",
)
@click.option("--cast", metavar="CAST.json", type=_PATH, help="People known from `faces --save-cast`.")
@click.option("--sheet", metavar="FILE.csv", type=_PATH, help="What is chosen for single shots.")
@click.option(
    "--write-sheet",
    metavar="FILE.csv",
    type=_PATH,
    help="With --dry-run: write such a sheet, to be filled in.",
)
@click.option(
    "--tracks", is_flag=True, help="Audio tracks of the edit that are named for a language are dubs."
)
@click.option(
    "--handles", type=int, default=12, show_default=True, help="Frames more at both ends of a shot."
)
@click.option(
    "--only",
    metavar="SHOTS|RANGE|marker[:TEXT]",
    multiple=True,
    help="Sync these shots: 3,5-8, 01:00:10:00-01:00:20:00, or those under a marker.",
)
@click.option("--dry-run", is_flag=True, help="List the shots and what would be done; write nothing.")
@click.option("--jobs", type=int, default=1, show_default=True, metavar="N", help="Renders at once.")
@click.option("--media", metavar="DIR", type=_PATH, multiple=True, help="Look for media here, too.")
@click.option("--map", "maps", metavar="THERE=HERE", multiple=True, help="Paths of another machine.")
@click.option("--rate", metavar="FPS", help="The edit's frame rate where its file does not say (EDL).")
@click.option("--timeline", metavar="NAME", help="Which timeline, where EDIT holds several.")
@click.option(
    "--format",
    "exports",
    type=click.Choice(("edl", "xml", "fcpxml", "aaf")),
    multiple=True,
    help="Also write the conformed edit so.",
)
@click.option(
    "--rest", is_flag=True, help="Long pauses keep no plate; mouths rest in shots without speech, too."
)
@click.option("--no-score", is_flag=True, help="Do not score what was made.")
@click.option("--generator", default="plate", show_default=True, help="What makes the new mouth.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same pixels.")
@click.option("--device", type=click.Choice(DEVICES), default="auto", show_default=True, help="Where to run.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
@click.pass_context
def conform(
    context: click.Context,
    edit: Path,
    out: Path,
    dubs: tuple[str, ...],
    transcripts: tuple[str, ...],
    cast: Path | None,
    sheet: Path | None,
    write_sheet: Path | None,
    tracks: bool,
    handles: int,
    only: tuple[str, ...],
    dry_run: bool,
    jobs: int,
    media: tuple[Path, ...],
    maps: tuple[str, ...],
    rate: str | None,
    timeline: str | None,
    exports: tuple[str, ...],
    rest: bool,
    no_score: bool,
    generator: str,
    seed: int,
    device: str,
    as_json: bool,
) -> int:
    """Sync the shots of EDIT to its dubs, and write the edit again with synced plates in their places.

    EDIT is OTIO, otioz, otiod, EDL, Final Cut Pro 7 XML, FCPXML or AAF. For each language DIR gets
    EDIT_LANG_v001.otio and a report; the next run into DIR renders only what changed and makes v002.

    Exit code 3: the conformed edit was written, but some shots failed and keep their originals.
    """
    from plosive.conform.media.path_map import parse_path_map
    from plosive.reel import ConformOptions, DubWish, TranscriptWish, conform_edit
    from plosive.reel.results.telling import result_facts, tell

    options = ConformOptions(
        edit=edit,
        out=out,
        dubs=tuple(DubWish.parse(text) for text in dubs),
        tracks=tracks,
        handles=handles,
        only=only,
        dry_run=dry_run,
        jobs=jobs,
        media=media,
        path_map=parse_path_map(maps),
        rate=None if rate is None else frame_rate(rate),
        timeline=timeline,
        exports=exports,
        score=not no_score,
        rest=rest,
        generator=generator,
        seed=seed,
        device=device,
        transcripts=tuple(TranscriptWish.parse(text) for text in transcripts),
        cast=cast,
        sheet=sheet,
        write_sheet=write_sheet,
    ).validated()
    with ConsoleProgress() as progress:
        result = conform_edit(options, progress)
    for sentence in result.warnings:
        progress.warn(sentence)
    if as_json:
        click.echo(json.dumps(result_facts(result, options), indent=1, default=str))
    else:
        for line in tell(result, dry_run):
            click.echo(line)
    failed = sum(one.count("failed") for one in result.languages)
    context.exit(_SOME_FAILED if failed else 0)
    return 0
