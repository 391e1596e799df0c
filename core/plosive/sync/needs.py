# SPDX-License-Identifier: Apache-2.0
"""What a generator needs beside face and wish, put into its shot."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from plosive.errors import OptionError
from plosive.generate.facts import Need
from plosive.generate.protocol import DubSound, Generator, Shot
from plosive.media.plate import PlateReader
from plosive.sync.voices.voice import Voice
from plosive.sync_options import SyncOptions

__all__ = ["require_redoable", "with_needs"]


def with_needs(shot: Shot, needs: Collection[Need], voice: Voice, reader: PlateReader) -> Shot:
    """`shot` with the sound of `voice` and the frames of `reader`, where they are among `needs`."""
    centres = voice.placement.dub_centres
    rows = tuple(centres[index] for index in shot.track.indices.tolist())
    return replace(
        shot,
        dub=DubSound(voice.line.dub.speech_samples, rows) if Need.DUB in needs else None,
        frames=reader.frames if Need.FRAMES in needs else None,
    )


def require_redoable(options: SyncOptions, generator: Generator) -> None:
    """Raises OptionError where ranges are to be rendered again by a generator that works in order."""
    if options.redo is not None and not generator.facts.is_any_order:
        raise OptionError(
            f"--redo renders single ranges again, which generator '{generator.facts.name}' cannot, as it "
            "works through a shot in order; leave --redo out."
        )
