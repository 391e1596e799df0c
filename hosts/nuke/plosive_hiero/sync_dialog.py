# SPDX-License-Identifier: Apache-2.0
"""The dialog of Lip Sync Clip as data, and what was chosen in it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from plosive_hiero.choices import Choices, VoiceChoice
from plosive_hiero.voices import VoiceFound
from plosive_host.dialog import Dialog, Field, Option, Section, Values

__all__ = ["choices_of", "kept_values", "sync_dialog", "why_not_yet"]

_LANGUAGES = "ar cs da de en es fi fr hi it ja ko nb nl pl pt-BR ru sv tr uk zh"


def sync_dialog(
    names: Sequence[str], voices: Sequence[VoiceFound], folder: str, why_no_track: str, is_bin: bool
) -> Dialog:
    """For clips of these `names`; of several each takes the voice that was found for it, so that `voices` is
    empty. `why_no_track` says why no track item above can be made.
    """
    told = names[0] if len(names) == 1 else f"{len(names)} clips: {', '.join(names[:4])}"
    head = [Field("note:clip", "note", told)]
    head += [Field(f"note:{one.key}", "note", f"{one.key}: {one.why_not}.") for one in voices if one.why_not]
    if why_no_track and not is_bin:
        head.append(Field("note:track", "note", why_no_track))
    sections = (
        Section("", tuple(head)),
        Section("Dub", tuple(_dub(voices, len(names) > 1, is_bin))),
        Section("Mouth", tuple(_mouth())),
        Section("Result", tuple(_result(folder, bool(why_no_track) or is_bin))),
    )
    return Dialog("Lip Sync Clip" if len(names) == 1 else "Lip Sync Clips", sections)


def why_not_yet(values: Mapping[str, object], voices: Sequence[VoiceFound], needs_dub: bool) -> str:
    """What must still be chosen; empty: nothing. `needs_dub`: no timeline has one."""
    folder = str(values.get("folder") or "")
    if not os.path.isabs(os.path.expanduser(folder)):
        return "Choose a folder for the results."
    dub = str(values.get("dub_path") or "")
    if dub:
        return "" if os.path.isfile(os.path.expanduser(dub)) else f"There is no file {dub}."
    used = [one for one in voices if values.get(f"use:{one.key}", one.is_suggested)]
    if needs_dub or (voices and not used):
        return "Choose the dub: tick a voice, or name a dub file."
    unready = next((one.why_not for one in used if one.why_not), "")
    if unready:
        return f"{unready}."
    faces = [str(values.get(f"face:{one.key}") or "").strip() for one in used]
    if len(used) > 1 and not all(faces):
        return "With several voices each needs its face: a number as `plosive faces` tells, or X,Y@FRAME."
    if len(used) > 1 and len(set(faces)) < len(faces):
        return "One face cannot speak two voices at once."
    return ""


def choices_of(values: Mapping[str, object], voices: Sequence[VoiceFound]) -> Choices:
    """Of values that `why_not_yet` has nothing against."""

    def text(name: str) -> str:
        return str(values.get(name) or "").strip()

    chosen = {
        one.key: VoiceChoice(bool(values.get(f"use:{one.key}", one.is_suggested)), text(f"face:{one.key}"))
        for one in voices
    }
    dub = text("dub_path")
    return Choices(
        folder=os.path.expanduser(text("folder")),
        voices=chosen,
        dub_path=os.path.expanduser(dub) if dub else "",
        dub_face=text("face:"),
        dub_channel=int(str(values.get("dub_channel") or 0)),
        strength=int(str(values.get("strength", 100))) / 100,
        jaw=int(str(values.get("jaw", 100))) / 100,
        lip=int(str(values.get("lip", 100))) / 100,
        handle_frames=int(str(values.get("handles", 12))),
        output_mode=text("output") or "version",
        language=text("language"),
        transcript=text("transcript"),
        generator=text("generator"),
        elements=bool(values.get("elements", False)),
        score=bool(values.get("score", True)),
    )


def kept_values(values: Values) -> Values:
    """What goes for other clips, too."""
    names = (
        "strength",
        "jaw",
        "lip",
        "handles",
        "output",
        "folder",
        "language",
        "generator",
        "elements",
        "score",
    )
    return {name: value for name, value in values.items() if name in names}


def _dub(voices: Sequence[VoiceFound], is_for_many: bool, is_bin: bool) -> list[Field]:
    fields = []
    for one in voices:
        fields.append(Field(f"use:{one.key}", "flag", one.label, "Sync to this sound", one.is_suggested))
        fields.append(
            Field(
                f"face:{one.key}", "text", f"{one.key} is said by", "Empty: found by Plosive", is_beside=True
            )
        )
    if is_for_many and not is_bin:
        fields.append(Field("note:dub", "note", "Each clip is synced to the dub that lies under it."))
    else:
        said = "Dub file" if not voices else "Other dub file"
        fields.append(Field("dub_path", "file", said, "It begins with the clip's first frame"))
        fields.append(Field("face:", "text", "File is said by", "Empty: found by Plosive"))
        fields.append(Field("transcript", "words", "Words", "What is said: makes the mouth surer"))
    fields.append(Field("dub_channel", "frames", "Channel", "Of the dub's file; 0: all", 0, (), 0, 64))
    options = (Option("", "Found from the speech"), *(Option(one, one) for one in _LANGUAGES.split()))
    fields.append(Field("language", "choice", "Language", "Of the dub", "", options, is_open=True))
    return fields


def _mouth() -> list[Field]:
    return [
        Field("strength", "percent", "Strength", "0: the actor's own mouth, 100: the dub's", 100, (), 0, 100),
        Field("jaw", "percent", "Jaw", "How far it opens; 100 is as found in the speech", 100, (), 0, 200),
        Field("lip", "percent", "Lips", "How far they spread and round; 100 is as found", 100, (), 0, 200),
    ]


def _result(folder: str, is_version_only: bool) -> list[Field]:
    options = [Option("version", "A version of the clip")]
    if not is_version_only:
        options.append(Option("track", "A track item above"))
    return [
        Field(
            "output", "choice", "Result as", "A version is as long as the media", "version", tuple(options)
        ),
        Field("handles", "frames", "Handles", "Frames more at both ends of a track item", 12, (), 0, 10000),
        Field("folder", "folder", "Folder", "Where results are written", folder),
        Field("generator", "text", "Generator", "Empty: the standard one"),
        Field("elements", "flag", "Elements", "Layers for compositing beside the result", False),
        Field("score", "flag", "Score", "Measure the result", True),
    ]
