# SPDX-License-Identifier: Apache-2.0
"""What becomes of the plate's own sound in a MOV whose other bytes are kept.

AUTO and KEEP leave its audio tracks every byte, the enabled flag too. MUTE clears the enabled bit of each
tkhd, nothing else. DROP makes each trak a `free` box of the same size and content, so that nothing moves;
their media stays in mdat, unused: taking it out would move and rewrite everything behind it.
"""

from __future__ import annotations

from plosive.media.mov.box import Box
from plosive.media.mov.file import MovFile
from plosive.media.mov.indexedit import IndexEdit
from plosive.media.mov.track import MovTrack
from plosive.media.plateaudio import PlateAudio

__all__ = ["change_own_sound", "dropped_tracks", "forget_references"]


def dropped_tracks(file: MovFile, plate_audio: PlateAudio) -> frozenset[int]:
    """Ids of the tracks that are taken out."""
    if plate_audio is not PlateAudio.DROP:
        return frozenset()
    return frozenset(track.track_id for track in _sound(file))


def change_own_sound(edit: IndexEdit, file: MovFile, plate_audio: PlateAudio) -> None:
    """Write `plate_audio` into an edit of the index of `file`."""
    if plate_audio is PlateAudio.MUTE:
        for track in _sound(file):
            tkhd = track.box.child("tkhd")
            assert tkhd is not None
            flags = edit.read(tkhd.payload_offset + 3, 1)[0]
            edit.put(tkhd.payload_offset + 3, bytes([flags & 0xFE]))
    dropped = dropped_tracks(file, plate_audio)
    for track in file.tracks:
        if track.track_id in dropped:
            edit.put(track.box.offset + 4, b"free")
        elif dropped:
            forget_references(edit, track, dropped)


def _sound(file: MovFile) -> list[MovTrack]:
    return [track for track in file.tracks if track.handler == "soun"]


def forget_references(edit: IndexEdit, track: MovTrack, dropped: frozenset[int]) -> None:
    """Take `dropped` out of a track's references: QTFF lets an unused entry be 0; a list of which none is
    left becomes `free`, which MP4 understands, too.
    """
    tref = track.box.child("tref")
    for (_, ids), box in zip(track.references, tref.children if tref else (), strict=True):
        if ids and dropped.issuperset(ids):
            _free(edit, box)
            continue
        for place, track_id in enumerate(ids):
            if track_id in dropped:
                edit.put(box.payload_offset + 4 * place, bytes(4))


def _free(edit: IndexEdit, box: Box) -> None:
    edit.put(box.offset + 4, b"free")
