# SPDX-License-Identifier: Apache-2.0
"""AAFs as Media Composer nests them, made with pyaaf2: a sequence, master clips, files, tapes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import aaf2
from aaf2.auid import AUID
from aaf2.rational import AAFRational

Points = Sequence[tuple[Any, Any]]


class AafMaker:
    """Everything in frames of `rate`; positions count from the first frame of the media."""

    def __init__(self, path: Path, rate: Fraction = Fraction(24)) -> None:
        self.path, self.rate = path, rate
        self._file = aaf2.open(str(path), "w")
        define, dictionary = self._file.create, self._file.dictionary
        self._motion = self._operation("9d2ea890-0968-11d3-8a38-0050040ef7d2", "Motion Control", 1, True)
        self._resize = self._operation("9d2ea891-0968-11d3-8a38-0050040ef7d2", "Resize", 1, False)
        self._dissolve = self._operation("0c3bea41-fc05-11d2-8a29-0050040ef7d2", "Dissolve", 2, False)
        rational = dictionary.lookup_typedef("Rational")
        self._parameters = {}
        for number, name in enumerate(("SpeedRatio", "PARAM_SPEED_OFFSET_MAP_U", "PARAM_OFFSET_MAP_U")):
            known = define.ParameterDef(
                AUID(f"72559a8{number}-24d7-11d3-8a50-0050040ef7d2"), name, "", rational
            )
            dictionary.register_def(known)
            self._parameters[name] = known
        self._curves = {}
        for name, key in (
            ("Linear", aaf2.misc.LinearInterp),
            ("Cubic", aaf2.misc.CubicInterpolator),
            ("Bezier", aaf2.misc.BezierInterpolator),
        ):
            self._curves[name] = define.InterpolationDef(key, name, name)
            dictionary.register_def(self._curves[name])
        self._edit = define.CompositionMob()
        self._edit.name, self._edit.usage = "EDIT", "Usage_TopLevel"
        self._file.content.mobs.append(self._edit)

    def _operation(self, key: str, name: str, inputs: int, is_of_time: bool) -> Any:
        made = self._file.create.OperationDef(AUID(key), name)
        made["IsTimeWarp"].value, made["Bypass"].value = is_of_time, 0
        made["NumberInputs"].value = inputs
        made["OperationCategory"].value = "OperationCategory_Effect"
        made.media_kind = "picture"
        self._file.dictionary.register_def(made)
        return made

    def media(self, name: str, frames: int = 200, timecode: int = 86400) -> Any:
        """A master clip of a file of a tape with a timecode track."""
        create, mobs = self._file.create, self._file.content.mobs
        tape = create.SourceMob(name + ".tape")
        tape.descriptor = create.TapeDescriptor()
        nothing = create.SourceClip(media_kind="picture")
        nothing.start, nothing.length = 0, frames
        tape.create_picture_slot(edit_rate=self.rate).segment = nothing
        slot = tape.create_timeline_slot(self.rate)
        slot.segment = create.Timecode(fps=round(self.rate), drop=False)
        slot.segment.start, slot.segment.length = timecode, frames
        slot["PhysicalTrackNumber"].value = 1
        mobs.append(tape)
        file = create.SourceMob(name + ".PHYS")
        file.descriptor = create.CDCIDescriptor()
        for key, value in (
            ("StoredWidth", 64), ("StoredHeight", 64), ("SampleRate", str(self.rate)), ("Length", frames),
            ("FrameLayout", "FullFrame"), ("VideoLineMap", [0, 0]), ("ImageAspectRatio", "1/1"),
            ("ComponentWidth", 8), ("HorizontalSubsampling", 2),
        ):  # fmt: skip
            file.descriptor[key].value = value
        locator = create.NetworkLocator()
        locator["URLString"].value = f"file:///media/{name}.mov"
        file.descriptor["Locator"].append(locator)
        held = tape.create_source_clip(1, start=0, length=frames, media_kind="picture")
        file.create_picture_slot(edit_rate=self.rate).segment = held
        mobs.append(file)
        return self._master(create.MasterMob(), name, file, frames)

    def _master(self, mob: Any, name: str, file: Any, frames: int) -> Any:
        mob.name = name
        self._file.content.mobs.append(mob)
        slot = mob.create_picture_slot(edit_rate=self.rate)
        slot.segment = file.create_source_clip(1, start=0, length=frames, media_kind="picture")
        return mob

    def use(self, mob: Any, start: int, length: int) -> Any:
        return mob.create_source_clip(1, start=start, length=length, media_kind="picture")

    def nest(self, segment: Any, name: str = "nest") -> Any:
        """A sequence to use in another."""
        mob = self._file.create.CompositionMob()
        mob.name = name
        self._file.content.mobs.append(mob)
        slot = mob.create_timeline_slot(self.rate)
        slot.segment = segment
        slot["PhysicalTrackNumber"].value = 1
        return mob

    def row(self, *segments: Any) -> Any:
        row = self._file.create.Sequence(media_kind="picture")
        row.components.extend(segments)
        across = aaf2.components.Transition
        row.length = sum(one.length * (-1 if isinstance(one, across) else 1) for one in segments)
        return row

    def moved(
        self, inner: Any, length: int, ratio: Any, points: Points = (), *, of: str = "SPEED_", curve: str = ""
    ) -> Any:
        """A motion effect with a graph of (frame of the effect, frame shown)."""
        group = self._group(self._motion, inner, length)
        ratio_value = self._file.create.ConstantValue(self._parameters["SpeedRatio"], AAFRational(ratio))
        group.parameters.append(ratio_value)
        if points:
            graph = self._file.create.VaryingValue(
                self._parameters[f"PARAM_{of}OFFSET_MAP_U"], self._curves[curve or "Linear"]
            )
            for at, shown in points:
                graph.add_keyframe(AAFRational(at), AAFRational(shown))
            group.parameters.append(graph)
        return group

    def resized(self, inner: Any) -> Any:
        return self._group(self._resize, inner, inner.length)

    def _group(self, operation: Any, inner: Any, length: int) -> Any:
        group = self._file.create.OperationGroup(operation, length=length, media_kind="picture")
        group.segments.append(inner)
        return group

    def dissolve(self, length: int, before_cut: int) -> Any:
        made = self._file.create.Transition("picture", length)
        made["CutPoint"].value = before_cut
        made["OperationGroup"].value = self._file.create.OperationGroup(
            self._dissolve, length=length, media_kind="picture"
        )
        return made

    def finished(self, segment: Any, start: int = 86400) -> Path:
        """The file, with `segment` as its picture."""
        clock = self._edit.create_timeline_slot(self.rate)
        clock.segment = self._file.create.Timecode(fps=round(self.rate), drop=False)
        clock.segment.start, clock.segment.length = start, segment.length
        for slot in (clock, self._edit.create_timeline_slot(self.rate)):
            slot["PhysicalTrackNumber"].value = 1
            if slot is not clock:
                slot.segment = segment
        self._file.close()
        return self.path
