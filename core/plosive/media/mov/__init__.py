# SPDX-License-Identifier: Apache-2.0
"""QuickTime and MP4 files, box by box: read without their media, and written anew with every untouched byte
kept.
"""

from plosive.media.mov.addedsound import AddedSound
from plosive.media.mov.box import Box
from plosive.media.mov.cut import MovCut, cut_mov
from plosive.media.mov.file import MovFile, read_mov
from plosive.media.mov.refusal import refusal, require_patchable
from plosive.media.mov.rewriter import MovRewriter
from plosive.media.mov.samples import Samples, SampleTable
from plosive.media.mov.track import Edit, MovTrack

__all__ = [
    "AddedSound",
    "Box",
    "Edit",
    "MovCut",
    "MovFile",
    "MovRewriter",
    "MovTrack",
    "SampleTable",
    "Samples",
    "cut_mov",
    "read_mov",
    "refusal",
    "require_patchable",
]
