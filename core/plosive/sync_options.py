# SPDX-License-Identifier: Apache-2.0
"""What one sync job is asked for, and what it hands back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from plosive.colour.plate_colour import ColourChoice
from plosive.errors import OptionError
from plosive.keyed import KeyedValue
from plosive.media.plateaudio import PlateAudio
from plosive.media.retime import parse_retime
from plosive.score_options import REPORT_SUFFIXES
from plosive.speakers import NO_FACE, NoSync, Speaker

__all__ = [
    "DEVICES",
    "ELEMENTS_COMPRESSIONS",
    "ELEMENTS_WINDOWS",
    "LENGTH_MISMATCHES",
    "SyncOptions",
    "SyncResult",
]

DEVICES = ("auto", "cpu", "cuda")
ELEMENTS_COMPRESSIONS = ("zip", "zips", "none")
ELEMENTS_WINDOWS = ("made", "whole")
LENGTH_MISMATCHES = ("plate", "error", "hold")
_AS_FOUND = KeyedValue.of(1.0)
_HIGHEST = {"strength": 1.0, "jaw": 2.0, "lip": 2.0, "articulation": 2.0}


@dataclass(frozen=True)
class SyncOptions:
    """One sync job.

    `audio_start` (timecode or seconds, text as typed) is the plate's moment at which the dub begins; None
    means its first frame. Seconds below 0 lie before it: the dub's head is cut off. `audio_channel` counts
    from 1; None mixes all channels. `on_length_mismatch` says what happens when dub and plate differ in
    length: `plate` keeps the plate's length (a longer dub is cut, a shorter one is followed by silence),
    `error` refuses,
    `hold` holds the plate's last frame until the dub ends. `transcript` is the words themselves or
    a file that `plosive.speech.read_script` reads; `language` of `auto` is the transcript's own.
    `frame_range` is `FIRST-LAST` in the plate's own frame numbers. With `only_range` OUT holds these frames
    alone, and up to `handles` more at both ends, which are synced, too. `retime` says at which speed the
    plate plays on the timeline in whose time the dub is (`media.retime.parse_retime`); the dub is not laid
    into OUT then.
    `face` is `auto`, a person's number or name, `X,Y@FRAME`, or `X,Y,W,H@FRAME` (a box). With `speakers`
    each names a face and a dub of its own, and `dub` is None; or `dub` holds all of them, and `turns`
    (RTTM, or a script with times and names; None takes `transcript`) says who speaks when. With `turns`
    and no `speakers`, faces are given to speakers by their names or by whose lips move in whose turns.
    `no_sync` are ranges in which a face, or every face, keeps the plate. Of a transcript with speakers'
    names only the lines of `transcript_speaker` are taken, where one is named. `strength` 0 keeps the
    original motion, 1 is the new mouth fully; `jaw` and `lip` are gains from 0 to 2 with 1 as found in
    the speech; `articulation` from 0 (mumbled) over 1 (as found) to 2 (overdone). Each of the four is a
    number or changes over time.
    `codec` of None follows the plate, or OUT's extension where that asks for another format.
    `plate_audio` says what becomes of the plate's own audio tracks beside the dub.
    `report` ending in .html also scores the result and writes the page there; ending in .json it is where
    the record of what was done goes, which otherwise lies beside OUT.
    `redo` is a flags file (`plosive score --flags`) of this plate's earlier result: what it flags is tried
    again with other choices, everything else comes out as before.
    `actor_footage` are other takes of the actor, with or without sound, to measure the mouth's range from.
    `motion` is a motion file (`plosive motion`) that is used in place of listening to the dub.
    What is found out about the faces of a plate and the words of a dub is kept for the next job; not so
    with `use_cache` False.
    `elements` is a folder for layers (docs/elements.md), whose files are as large as what was made
    (`elements_window` of `made`) or as the picture (`whole`), compressed by `elements_compression` and
    numbered from `elements_start`; None takes the plate's own numbers.
    `sequence_rate` is the frame rate of an image sequence, in frames a second; None takes what its files
    say, else 24. `cast` is a file that `plosive faces --save-cast` wrote: its people keep their numbers and
    names. `colorspace` is the plate's colour space (a name, alias or role of the OCIO config), None to take
    what the file says; `view` is the one of a stereo EXR plate's views that is synced, None for the hero, and
    the others stay as they are; `ocio` is an OCIO config, None for the one the variable OCIO names, else
    OpenImageIO's built-in one.
    """

    plate: Path
    dub: Path | None
    out: Path
    audio_start: str | None = None
    audio_channel: int | None = None
    on_length_mismatch: str = "plate"
    transcript: str | None = None
    language: str = "auto"
    frame_range: str | None = None
    only_range: bool = False
    handles: int = 0
    retime: str | None = None
    face: str = "auto"
    strength: KeyedValue | float = _AS_FOUND
    jaw: KeyedValue | float = _AS_FOUND
    lip: KeyedValue | float = _AS_FOUND
    articulation: KeyedValue | float = _AS_FOUND
    generator: str = "plate"
    seed: int = 0
    device: str = "auto"
    elements: Path | None = None
    elements_window: str = "made"
    elements_start: int | None = None
    elements_compression: str = "zip"
    report: Path | None = None
    dry_run: bool = False
    overwrite: bool = False
    plate_audio: PlateAudio = PlateAudio.AUTO
    codec: str | None = None
    sequence_rate: Fraction | None = None
    redo: Path | None = None
    actor_footage: tuple[Path, ...] = ()
    motion: Path | None = None
    speakers: tuple[Speaker, ...] = ()
    turns: Path | None = None
    no_sync: tuple[NoSync, ...] = ()
    transcript_speaker: str | None = None
    use_cache: bool = True
    cast: Path | None = None
    colorspace: str | None = None
    view: str | None = None
    ocio: str | None = None

    def validated(self) -> SyncOptions:
        """Itself, numbers made values over time, if all makes sense without a look at any file; OptionError
        otherwise.
        """
        if not all(isinstance(getattr(self, name), KeyedValue) for name in _HIGHEST):
            return replace(
                self,
                strength=KeyedValue.of(self.strength),
                jaw=KeyedValue.of(self.jaw),
                lip=KeyedValue.of(self.lip),
                articulation=KeyedValue.of(self.articulation),
            ).validated()
        for name, highest in _HIGHEST.items():
            KeyedValue.of(getattr(self, name)).require_between(name, highest)
        _require_one_of("device", self.device, DEVICES)
        _require_one_of("elements-window", self.elements_window, ELEMENTS_WINDOWS)
        _require_one_of("elements-compression", self.elements_compression, ELEMENTS_COMPRESSIONS)
        if self.elements_start is not None and self.elements_start < 0:
            raise OptionError(f"--elements-start must be 0 or more, not {self.elements_start}.")
        _require_one_of("on-length-mismatch", self.on_length_mismatch, LENGTH_MISMATCHES)
        if self.audio_channel is not None and self.audio_channel < 1:
            raise OptionError(f"--audio-channel counts from 1, not {self.audio_channel}.")
        if not 0 <= self.seed < 2**63:
            raise OptionError(f"--seed must be between 0 and {2**63 - 1}, not {self.seed}.")
        if self.sequence_rate is not None and self.sequence_rate <= 0:
            raise OptionError(f"--rate must be above zero, not {self.sequence_rate}.")
        for name, text in (("face", self.face), ("generator", self.generator), ("language", self.language)):
            if not text.strip():
                raise OptionError(f"--{name} must not be empty.")
        for name, given in (("colorspace", self.colorspace), ("ocio", self.ocio)):
            if given is not None and not given.strip():
                raise OptionError(f"--{name} must not be empty.")
        if self.redo is not None and KeyedValue.of(self.strength).constant == 0:
            raise OptionError("--redo has nothing to render again at --strength 0, which keeps the plate.")
        if self.motion is not None and (self.transcript is not None or self.language != "auto"):
            raise OptionError(
                "--motion holds the words and their times already; leave --transcript and --language out."
            )
        self._require_range()
        self._require_retime()
        self._require_voices()
        self._require_separate_files()
        return self

    @property
    def colour(self) -> ColourChoice:
        """What is said of the plate's colour."""
        return ColourChoice(self.colorspace, self.ocio)

    @property
    def dubs(self) -> tuple[Path, ...]:
        """Every sound file that holds new speech."""
        if self.dub is not None:
            return (self.dub,)
        return tuple(dict.fromkeys(speaker.dub for speaker in self.speakers))

    @property
    def has_turns(self) -> bool:
        """Whether one dub holds several speakers."""
        return self.dub is not None and (self.turns is not None or bool(self.speakers))

    def _require_range(self) -> None:
        if self.handles < 0:
            raise OptionError(f"--handles must be 0 or more, not {self.handles}.")
        if self.handles and not self.only_range:
            raise OptionError("--handles is for --only-range: without it OUT holds the whole plate.")
        if not self.only_range:
            return
        if self.frame_range is None:
            raise OptionError("--only-range writes the frames of --range alone; name them.")
        if self.redo is not None:
            raise OptionError("--redo renders a whole result again; leave --only-range out.")
        if self.on_length_mismatch != "plate":
            raise OptionError(
                f"--on-length-mismatch {self.on_length_mismatch} compares the dub with the whole plate; "
                "leave it out with --only-range."
            )

    def _require_retime(self) -> None:
        if self.retime is None:
            return
        parse_retime(self.retime)
        for is_given, name in (
            (self.redo is not None, "--redo"),
            (self.on_length_mismatch != "plate", f"--on-length-mismatch {self.on_length_mismatch}"),
        ):
            if is_given:
                raise OptionError(f"{name} needs plate and dub in one time; leave it out with --retime.")

    def _require_voices(self) -> None:
        if self.dub is None and not self.speakers:
            raise OptionError("There is no dub: give --audio DUB, or --speaker FACE=DUB for each speaker.")
        if self.turns is not None and self.dub is None:
            raise OptionError("--turns says who speaks when in one dub; give that dub with --audio.")
        if not self.speakers and self.turns is None:
            return
        if self.face != "auto":
            raise OptionError("--face is for a job with one speaker; name faces with --speaker FACE=DUB.")
        if self.motion is not None:
            raise OptionError("--motion is for a job with one speaker; give that face a job of its own.")
        faces = [speaker.face for speaker in self.speakers]
        for face in faces:
            if faces.count(face) > 1 and face not in ("", NO_FACE):
                raise OptionError(f"--speaker names face {face} twice; give each face one dub.")
            if face == "auto":
                raise OptionError("--speaker wants a face, not auto; 'plosive faces' shows their numbers.")
        if self.dub is None and not all(one.face or one.name for one in self.speakers):
            raise OptionError("--speaker wants a face or a name; 'plosive faces' shows their numbers.")
        if self.dub is not None and self.turns is None and self.transcript is None:
            raise OptionError(
                "With --audio, --speaker FACE=NAME needs to know who speaks when: give --turns, or a "
                "--transcript with times and names."
            )

    def _require_separate_files(self) -> None:
        plate, out = (path.resolve() for path in (self.plate, self.out))
        dubs = [path.resolve() for path in self.dubs]
        if out == plate:
            raise OptionError(f"The output may not be the plate itself ({self.out}); choose another name.")
        if out in dubs:
            raise OptionError(f"The output may not be the dub itself ({self.out}); choose another name.")
        if self.motion is not None and self.motion.resolve() == out:
            raise OptionError(
                f"The output may not be the motion file itself ({self.out}); choose another name."
            )
        if out in (path.resolve() for path in self.actor_footage):
            raise OptionError(
                f"The output may not be one of --actor-footage ({self.out}); choose another name."
            )
        redo = None if self.redo is None else self.redo.resolve()
        if redo is not None and redo == out:
            raise OptionError(
                f"The output may not be the flags file itself ({self.out}); choose another name."
            )
        if redo is not None and self.report is not None and self.report.resolve() == redo:
            raise OptionError(
                f"--report {self.report} would overwrite the flags of --redo; choose another name."
            )
        if self.report is not None and self.report.resolve() in (plate, *dubs, out):
            raise OptionError(f"--report {self.report} would overwrite the plate, the dub or the output.")
        if self.report is not None and self.report.suffix.lower() not in (*REPORT_SUFFIXES, ".json"):
            raise OptionError(
                f"--report {self.report} must end in .html, for the score as a page, or in .json, for what "
                "was done."
            )

    @property
    def page(self) -> Path | None:
        """Where the score is wanted as a page; None where it is not."""
        is_page = self.report is not None and self.report.suffix.lower() in REPORT_SUFFIXES
        return self.report if is_page else None


@dataclass(frozen=True)
class SyncResult:
    """What one sync job did.

    `kept_ranges` are (first frame, last frame inclusive, reason) where the plate was kept as it is.
    `stage_seconds` is time per stage, in the order the stages ran; stages overlap, `wall_seconds` is how long
    the job took. `report` is ready for JSON; where a page was asked for, its `score` holds the score. `notes`
    are sentences on what was tried again and what was written beside OUT.
    """

    out: Path
    frames_total: int
    frames_synced: int
    kept_ranges: tuple[tuple[int, int, str], ...] = ()
    warnings: tuple[str, ...] = ()
    stage_seconds: dict[str, float] = field(default_factory=dict)
    report: dict[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    wall_seconds: float = 0.0


def _require_one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise OptionError(f"--{name} must be one of {', '.join(known)}, not '{value}'.")
