# SPDX-License-Identifier: Apache-2.0
"""`plosive jobs conform`: a whole reel as one job of the daemon."""

from __future__ import annotations

import os
import re
from fractions import Fraction

import click

from plosive_client.asking import asked, followed, fraction_given
from plosive_client.conform import ConformDub, ConformRequest, ConformTranscript, MovedFolder

__all__ = ["conform"]

# As `plosive conform --dub` is written (plosive.reel.options): LANG=SOURCE, then @TIME and #CHANNEL.
_CHANNEL = re.compile(r"(.+)#(\d{1,4})")
_START = re.compile(r"(.+)@(-?\d[\d./]*)")
_TIMECODE = re.compile(r"(.+)@(\d+:\d+:\d+[:;]\d+)")
_SOUND_FILE = re.compile(r"(?i)[\\/]|\.(wav|bwf|w64|aiff?|flac|mp3|m4a|aac|caf|mov|mp4|mxf|mkv|ogg)$")


@click.command(short_help="Put a whole edit into the queue.")
@click.argument("edit")
@click.option("-o", "--output", "out", metavar="DIR", required=True, help="Where everything goes.")
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
@click.option(
    "--cast", metavar="CAST.json", default="", help="People known from `plosive faces --save-cast`."
)
@click.option("--sheet", metavar="CSV", default="", help="What is chosen for single shots.")
@click.option("--tracks", is_flag=True, help="Audio tracks that are named for a language are dubs.")
@click.option("--timeline", metavar="NAME", default="", help="Which timeline of an edit that holds several.")
@click.option("--rate", metavar="FPS", help="Of an edit that does not say, such as 24 or 24000/1001.")
@click.option(
    "--handles", type=click.IntRange(0, 10_000), metavar="N", help="Frames beyond each shot; default: 12."
)
@click.option(
    "--only",
    metavar="SHOTS|RANGE|marker[:TEXT]",
    multiple=True,
    help="Sync these shots: 3,5-8, 01:00:10:00-01:00:20:00, or those under a marker.",
)
@click.option("--media", "media_folders", metavar="DIR", multiple=True, help="Look for media here, too.")
@click.option(
    "--map", "maps", metavar="THERE=HERE", multiple=True, help="Where folders of the edit lie here."
)
@click.option(
    "--format",
    "extra_formats",
    type=click.Choice(("edl", "xml", "fcpxml", "aaf")),
    multiple=True,
    help="Also write the conformed edit so.",
)
@click.option(
    "--rest", is_flag=True, help="Long pauses keep no plate; mouths rest in shots without speech, too."
)
@click.option("--no-score", is_flag=True, help="Do not score what was made.")
@click.option("--generator", metavar="NAME", default="", help="What makes the mouth; default: plate.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0)
@click.option("--label", default="", help="Shown in lists; default: the name of EDIT.")
@click.option("--priority", type=click.IntRange(0, 100), default=None, help="Higher goes first; default: 50.")
@click.option("--device", default="", metavar="NAME", help="cpu, cuda or cuda:N; default: what is best.")
@click.option("--key", default="", metavar="TEXT", help="The same key and request: the same job.")
@click.option("--watch", "is_watched", is_flag=True, help="Follow it to its end.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def conform(
    edit: str,
    out: str,
    dubs: tuple[str, ...],
    transcripts: tuple[str, ...],
    cast: str,
    sheet: str,
    tracks: bool,
    timeline: str,
    rate: str | None,
    handles: int | None,
    only: tuple[str, ...],
    media_folders: tuple[str, ...],
    maps: tuple[str, ...],
    extra_formats: tuple[str, ...],
    rest: bool,
    no_score: bool,
    generator: str,
    seed: int,
    label: str,
    priority: int | None,
    device: str,
    key: str,
    is_watched: bool,
    as_json: bool,
) -> int:
    """Put a whole EDIT into the queue as one job: its shots are synced to the dubs as by `plosive conform`,
    and DIR gets a conformed edit for each language.

    Starts the daemon when none runs. Prints the job's ID. With --watch the exit code is 3 where some shots
    failed and keep their originals, 1 where the job is not done.
    """
    wanted = ConformRequest(
        os.path.abspath(edit),
        os.path.abspath(out),
        tuple(_dub(given) for given in dubs),
        named_tracks=tracks,
        timeline=timeline,
        edit_rate=fraction_given(rate, "--rate") if rate else None,
        handle_frames=handles,
        only=only,
        media_folder_paths=tuple(os.path.abspath(folder) for folder in media_folders),
        moved_folders=tuple(_moved(given) for given in maps),
        extra_formats=tuple(dict.fromkeys(extra_formats)),
        rests_in_pauses=rest,
        score=False if no_score else None,
        generator=generator,
        seed=seed,
        label=label or os.path.basename(os.path.abspath(edit)),
        priority=priority,
        idempotency_key=key,
        device=device,
        transcripts=tuple(_transcript(given) for given in transcripts),
        cast_path=os.path.abspath(cast) if cast else "",
        sheet_path=os.path.abspath(sheet) if sheet else "",
    )
    with asked(is_started=True) as client:
        return followed(client, client.conform(wanted), is_watched=is_watched, as_json=as_json)


def _dub(given: str) -> ConformDub:
    language, speaker, source = _named(given, "--dub is LANG=AUDIO or LANG=TRACK, such as de=mix_de.wav")
    channel = 0
    if not os.path.exists(source) and (cut := _CHANNEL.fullmatch(source)):
        source, channel = cut[1], int(cut[2])
    source, start, timecode = _timed(source, "--dub")
    if os.path.exists(source) or _SOUND_FILE.search(source):
        return ConformDub(language, os.path.abspath(source), "", start, channel, timecode, speaker)
    return ConformDub(language, "", source, start, channel, timecode, speaker)


def _transcript(given: str) -> ConformTranscript:
    language, speaker, source = _named(given, "--transcript is LANG=FILE, such as de=reel_de.srt")
    source, start, timecode = _timed(source, "--transcript")
    return ConformTranscript(language, os.path.abspath(source), speaker, start, timecode)


def _named(given: str, wanted: str) -> tuple[str, str, str]:
    """Language, speaker and source of `LANG[:SPEAKER]=SOURCE`."""
    head, mark, source = (part.strip() for part in given.partition("="))
    language, colon, speaker = (part.strip() for part in head.partition(":"))
    if not mark or not language or not source or bool(colon) != bool(speaker):
        raise click.UsageError(f"{wanted}, not '{given}'.")
    return language, speaker, source


def _timed(source: str, option: str) -> tuple[str, Fraction | None, str]:
    """Without the @TIME behind it: source, seconds, timecode."""
    if os.path.exists(source):
        return source, None, ""
    if cut := _START.fullmatch(source):
        return cut[1], fraction_given(cut[2], f"What follows @ in {option}"), ""
    if cut := _TIMECODE.fullmatch(source):
        return cut[1], None, cut[2]
    return source, None, ""


def _moved(given: str) -> MovedFolder:
    beginning, mark, folder = (part.strip() for part in given.partition("="))
    if not mark or not beginning or not folder:
        raise click.UsageError(f"--map is THERE=HERE, such as Z:\\reel=/mnt/reel, not '{given}'.")
    return MovedFolder(beginning, os.path.abspath(folder))
