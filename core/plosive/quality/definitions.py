# SPDX-License-Identifier: Apache-2.0
"""What each figure means, and what real, untouched footage gives (the table is in docs/quality.md)."""

from __future__ import annotations

from plosive.quality.figure import Better, Definition

__all__ = ["DEFINITIONS"]

_ALL = (
    Definition(
        "closures",
        "Lips closed on p, b, m",
        "share",
        "Share of p, b and m phones during which, give or take a frame, the inner lips come within 0.02 "
        "inter-ocular distances of each other.",
        Better.HIGH,
        (0.67, 1.0),
    ),
    Definition(
        "tucks",
        "Lip at the teeth on f, v",
        "share",
        "Share of f and v phones during which, give or take a frame, the inner lips come within 0.035 "
        "inter-ocular distances.",
        Better.HIGH,
        (0.38, 1.0),
    ),
    Definition(
        "lag",
        "Lag of the picture",
        "ms",
        "Shift of the measured mouth curves against those the dub asks for, at the greatest likelihood over"
        " ±600 ms; above zero the picture is late. Viewers notice from about -125 to +45 ms (ITU-R "
        "BT.1359).",
        Better.REFERENCE,
        (-46.0, 21.0),
    ),
    Definition(
        "sync",
        "Evidence of sync",
        "sd",
        "How far above chance mouth and dub agree within ±150 ms, in standard deviations; it grows with "
        "the square root of the length. Below 2 picture and sound may be strangers.",
        Better.HIGH,
        (3.9, 6.3),
    ),
    Definition(
        "r_aperture",
        "Follows the dub: opening",
        "r",
        "Pearson correlation of measured and expected lip opening, at the lag found. The expected curve "
        "comes from phones by rules: real mouths reach about 0.7, not 1.",
        Better.HIGH,
        (0.56, 0.89),
    ),
    Definition(
        "r_jaw",
        "Follows the dub: jaw",
        "r",
        "The same for the jaw, the chin below the nose after the turn of the head is taken out.",
        Better.HIGH,
        (0.52, 0.85),
    ),
    Definition(
        "r_width",
        "Follows the dub: width",
        "r",
        "The same for the width of the mouth, which habit and smiles move more than sounds do.",
        Better.HIGH,
        (0.39, 0.83),
    ),
    Definition(
        "amplitude_aperture",
        "Size of movement: opening",
        "ratio",
        "Spread of the measured opening while someone speaks over the expected one in this actor's range. "
        "Below the reference: mumbled. Above: over-articulated.",
        Better.REFERENCE,
        (0.7, 1.3),
        reference_alone=(0.75, 1.1),
    ),
    Definition(
        "amplitude_jaw",
        "Size of movement: jaw",
        "ratio",
        "The same for the jaw.",
        Better.REFERENCE,
        (0.61, 2.2),
        reference_alone=(0.94, 1.8),
    ),
    Definition(
        "amplitude_width",
        "Size of movement: width",
        "ratio",
        "The same for the width.",
        Better.REFERENCE,
        (0.58, 1.7),
        reference_alone=(0.61, 1.8),
    ),
    Definition(
        "silence_aperture",
        "Open in silence",
        "IOD",
        "Mean gap of the lips in pauses of half a second and more (not right before a word, when real lips "
        "part), beyond this actor's rest, in inter-ocular distances.",
        Better.LOW,
        (0.0, 0.03),
    ),
    Definition(
        "silence_speed",
        "Moves in silence",
        "IOD/s",
        "Mean speed of the lips' outline in those pauses, inter-ocular distances a second.",
        Better.LOW,
        (0.06, 0.11),
    ),
    Definition(
        "sharpness",
        "Sharpness of the mouth",
        "ratio",
        "Fine detail (three bands up to 2.8 pixels) of lips and teeth over that of the plate's mouth when "
        "open alike; without a plate, over this face's eyes and nose as usual in real footage.",
        Better.REFERENCE,
        (0.93, 1.08),
        reference_alone=(0.8, 1.2),
    ),
    Definition(
        "sharpness_fast",
        "Sharpness in fast speech",
        "ratio",
        "The same over the third of frames whose lips move fastest.",
        Better.REFERENCE,
        (0.92, 1.08),
        reference_alone=(0.8, 1.2),
    ),
    Definition(
        "seam",
        "Edge of the change",
        "ratio",
        "Slope of luma across the edge of what was changed, over the plate's there: median of 12 directions,"
        " then of the frames; 1 where no border was added.",
        Better.LOW,
        (1.0, 1.0),
        needs_plate=True,
    ),
    Definition(
        "ring_colour",
        "Colour shift at the edge",
        "dE",
        "CIE76 difference of result and plate just inside the edge of the change: median of 12 directions,"
        " then of the frames.",
        Better.LOW,
        (0.0, 0.0),
        needs_plate=True,
    ),
    Definition(
        "flicker",
        "Flicker",
        "ratio",
        "Second difference in time of the lower face's brightness, tied to the skin and less the scene's "
        "own, over the plate's.",
        Better.LOW,
        (0.83, 1.21),
        reference_alone=(0.84, 1.24),
    ),
    Definition(
        "popping",
        "Popping in the mouth",
        "ratio",
        "Change from frame to frame inside the open mouth, in coordinates of the lips, beyond what its "
        "opening explains, over the plate's.",
        Better.LOW,
        (0.75, 1.2),
        reference_alone=(0.6, 1.7),
    ),
    Definition(
        "popping_peaks",
        "Popping, worst frames",
        "ratio",
        "The 95th percentile of the same, over the plate's: teeth that pop now and then.",
        Better.LOW,
        (0.69, 1.33),
        reference_alone=(0.62, 2.1),
    ),
    Definition(
        "jitter",
        "Jitter of the mouth",
        "ratio",
        "Second difference in time of the mouth's place on the face, over the plate's.",
        Better.LOW,
        (0.61, 1.63),
        reference_alone=(0.76, 1.8),
    ),
    Definition(
        "colour_drift",
        "Drift of skin colour",
        "dE",
        "CIE76 change of the lower face against the upper from the first half of a take to the last, less "
        "the plate's own.",
        Better.LOW,
        (0.0, 2.6),
    ),
    Definition(
        "outline_drift",
        "Drift of the lips at rest",
        "IOD",
        "RMS change of the closed lips' outline from the first half to the last, less the plate's own.",
        Better.LOW,
        (0.0, 0.02),
    ),
    Definition(
        "teeth_drift",
        "Drift of the teeth",
        "ln",
        "Change of the brightest of the open mouth against the upper face (natural logarithm), first half "
        "to last, less the plate's own.",
        Better.LOW,
        (0.0, 0.18),
    ),
    Definition(
        "untouched",
        "Untouched outside",
        "share",
        "Share of samples outside the lower faces that are the plate's, bit for bit. A lossy codec encodes "
        "the picture again: then the largest and mean differences say how far it strayed.",
        Better.HIGH,
        (1.0, 1.0),
        needs_plate=True,
    ),
    Definition(
        "faces",
        "Frames with a usable face",
        "share",
        "Share of frames in which the chosen face is found, large enough, turned less than 45 degrees and "
        "whole.",
        Better.HIGH,
        (0.98, 1.0),
    ),
)

DEFINITIONS = {definition.key: definition for definition in _ALL}
"""By key, in the order they are shown."""
