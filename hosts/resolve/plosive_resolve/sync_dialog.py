# SPDX-License-Identifier: Apache-2.0
"""The dialog of Lip Sync Clip, and what was chosen in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from plosive_host import PlosiveHostError
from plosive_host.dialog import Dialog, Field, Option, Section
from plosive_resolve.choices import OUTPUT_MODES, Choices, VoiceChoice

__all__ = [
    "Span",
    "VoiceLine",
    "choices_of",
    "kept_values",
    "options_dialog",
    "sync_dialog",
    "why_no_range",
    "why_not_yet",
]

_LANGUAGES = (
    ("", "Found from the speech"),
    ("ar", "Arabic"),
    ("cs", "Czech"),
    ("da", "Danish"),
    ("de", "German"),
    ("en", "English"),
    ("es", "Spanish"),
    ("fi", "Finnish"),
    ("fr", "French"),
    ("hi", "Hindi"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("ko", "Korean"),
    ("nb", "Norwegian"),
    ("nl", "Dutch"),
    ("pl", "Polish"),
    ("pt-BR", "Portuguese (Brazil)"),
    ("ru", "Russian"),
    ("sv", "Swedish"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("zh", "Chinese"),
)
_OUTPUTS = {"take": "A take of the clip", "track": "A new track above", "timeline": "A new timeline"}
Span = tuple[int, int]


@dataclass(frozen=True)
class VoiceLine:
    """A voice as the dialog names it; `key` is `VoiceFound.key`, the track such as A2."""

    key: str
    label: str
    is_suggested: bool = True


def options_dialog() -> Dialog:
    """What may stand in the options file: what goes for any clip."""
    faces = Field(
        "track_faces",
        "text",
        "Faces of tracks",
        "Who speaks on which track, where several do: A2=1, A3=2 with the numbers that `plosive faces` tells",
    )
    return Dialog("Plosive", (_mouth(), _result(), Section("Dub", (_language(), faces))))


def sync_dialog(
    clip: str, notes: Sequence[str], voices: Sequence[VoiceLine], *, is_for_many: bool = False
) -> Dialog:
    """For one clip with its `voices` and the people in it; `is_for_many`: for several clips at once, each
    with the voice that was found.
    """
    head = Section("", tuple(Field(f"note:{at}", "note", text) for at, text in enumerate((clip, *notes))))
    if is_for_many:
        sections = (head, Section("Dub", (_language(),)), _mouth(), _result())
        return Dialog("Lip Sync Clips", sections)
    return Dialog("Lip Sync Clip", (head, _dub(voices), _faces(), _mouth(), _result()))


def kept_values(values: Mapping[str, object]) -> dict[str, object]:
    """Of the values of a dialog those that go for other clips, too."""
    names = {field.name for field in options_dialog().fields}
    return {name: value for name, value in values.items() if name in names}


def why_not_yet(values: Mapping[str, object], voices: Sequence[VoiceLine]) -> str:
    """What must still be chosen before the dialog can be accepted; empty: nothing."""
    if values.get("dub_path"):
        return ""
    used = [voice for voice in voices if values.get(f"use:{voice.key}", voice.is_suggested)]
    if not used:
        return "Choose the dub: tick a voice, or name a dub file."
    if len(used) > 1:
        tracks = _faces_of_tracks(str(values.get("track_faces") or ""))
        faces = [str(values.get(f"face:{voice.key}") or tracks.get(voice.key.upper(), "")) for voice in used]
        if not all(faces):
            return "With several voices each needs its face: choose one for every voice that is ticked."
        if len(set(faces)) < len(faces):
            return "One face can't speak two voices at once: choose another face, or untick a voice."
    return ""


def why_no_range(values: Mapping[str, object], marks: Span | None) -> str:
    """Why the range that was chosen is none; empty: it is one. `marks` are frames, both included."""
    if values.get("range") != "marks" or marks is not None:
        return ""
    return "The timeline has no in and out point over this clip; set both, or choose the whole clip."


def choices_of(values: Mapping[str, object], voices: Sequence[VoiceLine], marks: Span | None) -> Choices:
    """Raises PlosiveHostError: CHOICE for what is out of bounds, and NO_MARKS where the range shall be
    between the timeline's marks and there are none. `marks` are their frames, both included.
    """
    first = last = None
    if values.get("range") == "marks":
        if marks is None:
            raise PlosiveHostError(why_no_range(values, marks), "NO_MARKS")
        first, last = marks
    tracks = _faces_of_tracks(str(values.get("track_faces") or ""))
    chosen = {
        voice.key: VoiceChoice(
            bool(values.get(f"use:{voice.key}", voice.is_suggested)),
            str(values.get(f"face:{voice.key}") or tracks.get(voice.key.upper(), "")),
            str(values.get(f"words:{voice.key}") or ""),
        )
        for voice in voices
    }
    transcript = str(values.get("transcript") or "")
    used = [voice.key for voice in voices if chosen[voice.key].is_used]
    if transcript and len(used) > 1 and not values.get("dub_path"):  # one voice's words are not another's
        key = next((voice.key for voice in voices if voice.is_suggested and voice.key in used), used[0])
        chosen[key] = replace(chosen[key], transcript=chosen[key].transcript or transcript)
        transcript = ""
    if values.get("dub_path"):  # a file's voice has no key
        faces = [str(values.get("face:") or ""), *(voice.face for voice in chosen.values() if voice.is_used)]
        chosen[""] = VoiceChoice(face=next(filter(None, faces), ""))
    return Choices(
        voices=chosen,
        dub_path=str(values.get("dub_path") or ""),
        strength=_share(values, "strength"),
        jaw=_share(values, "jaw"),
        lip=_share(values, "lip"),
        first_record_frame=first,
        last_record_frame_inclusive=last,
        handle_frames=int(str(values.get("handles", 12))),
        output_mode=str(values.get("output", OUTPUT_MODES[0])),
        folder=str(values.get("folder") or ""),
        language=str(values.get("language") or ""),
        transcript=transcript,
        generator=str(values.get("generator") or ""),
        elements=bool(values.get("elements", False)),
        score=bool(values.get("score", True)),
    )


def _share(values: Mapping[str, object], name: str) -> float:
    """Whole percents: 85 is the float nearest to 0.85, which JSON carries exactly."""
    return int(str(values.get(name, 100))) / 100


def _faces_of_tracks(text: str) -> dict[str, str]:
    faces = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        track, separator, face = (word.strip() for word in part.partition("="))
        if not (separator and track and face):
            raise PlosiveHostError(
                f'"{part}" in the faces of tracks is not like A2=1; write TRACK=FACE with commas between.',
                "CHOICE",
                "track_faces",
            )
        faces[track.upper()] = face
    return faces


def _dub(voices: Sequence[VoiceLine]) -> Section:
    fields: list[Field] = []
    is_alone = sum(voice.is_suggested for voice in voices) < 2
    for voice in voices:
        fields.append(
            Field(f"use:{voice.key}", "flag", voice.label, "Sync to this sound", default=voice.is_suggested)
        )
        fields.append(
            Field(
                f"face:{voice.key}",
                "choice",
                f"{voice.key} is said by",
                "Who says it; one voice alone finds its face",
                options=(Option("", "Face found by Plosive" if is_alone else "Choose a face"),),
                is_open=True,
                is_beside=True,
            )
        )
        if voice.is_suggested and not is_alone:
            fields.append(Field(f"words:{voice.key}", "text", "Words", "What is said, if you have it"))
    if not voices:
        options = (Option("", "Face found by Plosive"),)
        fields.append(Field("face:", "choice", "Said by", "Who says it", options=options, is_open=True))
    fields.append(
        Field(
            "dub_path",
            "file",
            "Dub file" if not voices else "Other dub file",
            "Instead of the timeline's, from the clip's start",
        )
    )
    if is_alone:
        fields.append(
            Field("transcript", "words", "Words", "What is said: makes the mouth surer; empty: listened to")
        )
    return Section("Dub", (*fields, _language()))


def _faces() -> Section:
    return Section(
        "Faces", (Field("faces", "faces", "Faces", "Who is in the clip; click on a face to choose it"),)
    )


def _language() -> Field:
    options = tuple(Option(value, label) for value, label in _LANGUAGES)
    return Field(
        "language", "choice", "Language", "Of the dub, such as de or pt-BR", options=options, is_open=True
    )


def _mouth() -> Section:
    return Section(
        "Mouth",
        (
            Field(
                "strength",
                "percent",
                "Strength",
                "0 is the actor's own mouth, 100 the dub's",
                100,
                (),
                0,
                100,
            ),
            Field(
                "jaw", "percent", "Jaw", "How far it opens; 100 is as found in the speech", 100, (), 0, 200
            ),
            Field(
                "lip", "percent", "Lips", "How far they spread and round; 100 is as found", 100, (), 0, 200
            ),
        ),
    )


def _result() -> Section:
    outputs = tuple(Option(mode, _OUTPUTS[mode]) for mode in OUTPUT_MODES)
    ranges = (Option("clip", "The whole clip"), Option("marks", "Between the timeline's in and out point"))
    return Section(
        "Result",
        (
            Field("output", "choice", "Result as", "Where the new picture goes", outputs[0].value, outputs),
            Field("range", "choice", "Range", "Outside it the plate stays", "clip", ranges),
            Field("handles", "frames", "Handles", "Frames more at both ends, to trim with", 12, (), 0, 10000),
            Field("folder", "folder", "Folder", "For new files; empty: Plosive beside the plate"),
            Field(
                "generator",
                "choice",
                "Generator",
                "What makes the mouth",
                "",
                (Option("", "Plate"),),
                is_open=True,
            ),
            Field(
                "elements",
                "flag",
                "Elements for compositing",
                "Layers and mattes as EXR beside the result",
                False,
            ),
            Field(
                "score",
                "flag",
                "Score the result",
                "Flags frames to look at with markers; takes longer",
                True,
            ),
        ),
    )
