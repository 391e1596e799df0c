# SPDX-License-Identifier: Apache-2.0
"""Makes readable what the daemon cannot read: camera raw, nested clips, cut-up and processed sound."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from plosive_host import PlosiveHostError
from plosive_host.wave_pieces import assemble
from plosive_resolve.application import Host
from plosive_resolve.choices import Choices
from plosive_resolve.clip_use import ClipUse
from plosive_resolve.naming import result_folder, result_stem, safe_name
from plosive_resolve.request import used_voices
from plosive_resolve.source_render import render_picture, render_sound, sound_window
from plosive_resolve.temporary_render import OnProgress, kept_settings
from plosive_resolve.voice_found import VoiceFound, VoicesFound

__all__ = ["Prepared", "prepare_media"]

_SOURCES = "sources"


@dataclass(frozen=True)
class Prepared:
    """The clip and the used voices as the daemon can read them; `choices.folder` is the folder of the
    results, `made_paths` are files that were made for it, in its folder "sources", and `notes` sentences on
    them.
    """

    clip: ClipUse
    voices: tuple[VoiceFound, ...]
    choices: Choices
    made_paths: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def prepare_media(
    host: Host,
    clip: ClipUse,
    voices: VoicesFound,
    choices: Choices,
    on_progress: OnProgress | None = None,
) -> Prepared:
    """`on_progress` gets a sentence and a share from 0 to 1, often; it returns False to cancel. The folder of
    the results exists afterwards. Raises PlosiveHostError: FOLDER where it cannot be made, RENDER, CANCELLED,
    CHANGED.
    """
    folder = result_folder(clip, str(host.project.GetName() or ""), choices)
    choices = replace(choices, folder=str(folder))
    used = used_voices(voices.voices, choices)
    sources = folder / _SOURCES
    wanted = [(voice, *_needs(voice, clip, used)) for voice in used]
    is_work = bool(clip.needs_rendering) or any(needs for _, needs, _ in wanted)
    _make(sources if is_work else folder)
    origin = (
        sound_window(host, clip)[0] / clip.timeline_rate if clip.has_other_time and len(used) > 1 else None
    )
    ready: list[VoiceFound] = []
    notes: list[str] = []
    made: list[str] = []
    with ExitStack() as held:
        is_rendering = False
        for voice, needs, why in wanted:
            done = _assembled(voice, clip, choices, sources, origin) if needs == "assembling" else None
            if needs and done is None:
                if not is_rendering:
                    held.enter_context(kept_settings(host))
                    is_rendering = True
                done = render_sound(host, clip, voice, str(sources), on_progress)
            if done is not None:
                made.append(done.dub_path)
                notes.append(f"{why}: the dub is read from {os.path.basename(done.dub_path)}.")
            ready.append(done or voice)
        if clip.needs_rendering:
            if not is_rendering:
                held.enter_context(kept_settings(host))
            notes.append(
                f"{clip.needs_rendering}: it was rendered, in the colours that the project puts out; where "
                "the project manages colour, give the result that colour space."
            )
            clip = render_picture(host, clip, choices.handle_frames, str(sources), on_progress)
            made.append(clip.media.path)
    return Prepared(clip, tuple(ready), choices, tuple(made), tuple(notes))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlosiveHostError(
            f"The folder {folder} for the results could not be made ({error.strerror}); choose another.",
            "FOLDER",
            "folder",
        ) from error


def _needs(voice: VoiceFound, clip: ClipUse, used: Sequence[VoiceFound]) -> tuple[str, str]:
    """What must be done to a voice and why. All voices of a job take the same channel, and where the clip is
    retimed they begin together: plain files that do not are assembled anew.
    """
    if voice.needs:
        return voice.needs, voice.why
    if len({one.dub_channel for one in used}) > 1:
        return "assembling", "Voices are on different channels of their files"
    if clip.has_other_time and len({one.dub_start_seconds for one in used}) > 1:
        return "assembling", f"{clip.name} is retimed and its dubs begin at different moments"
    if clip.has_other_time and len(used) > 1 and any(one.needs for one in used):
        return "assembling", f"{clip.name} is retimed and has several dubs"
    return "", ""


def _assembled(
    voice: VoiceFound, clip: ClipUse, choices: Choices, folder: Path, origin: Fraction | None
) -> VoiceFound | None:
    """None where the files do not go together: then Resolve renders them. `origin` is where the file begins,
    in seconds after the timeline's frame 0; None: with its first piece.
    """
    start = min(piece.record_seconds for piece in voice.pieces) if origin is None else origin
    end = max(piece.end_seconds for piece in voice.pieces)
    path = _free_path(folder, f"{result_stem(clip, choices)}_{voice.key}_{safe_name(voice.track_name)}")
    try:
        assemble(voice.pieces, str(path), start, end)
    except PlosiveHostError:
        return None
    except OSError as error:
        raise PlosiveHostError(
            f"{path} could not be written ({error.strerror}); make room or choose another folder.",
            "FOLDER",
            "folder",
        ) from error
    return replace(voice, needs="", why="", dub_path=str(path), dub_start_seconds=start, dub_channel=0)


def _free_path(folder: Path, stem: str) -> Path:
    number = 1
    while (folder / f"{stem}_v{number:03}.wav").exists():
        number += 1
    return folder / f"{stem}_v{number:03}.wav"
