# SPDX-License-Identifier: Apache-2.0
"""Elements for compositing: everything Plosive made, as layers of one float EXR per frame.

| channels | meaning |
|---|---|
| R G B | the final picture, linear light |
| mouth.R mouth.G mouth.B mouth.A | only the pixels Plosive made; RGB unpremultiplied, A = 1 where they
exist | | matte.A | where they count, 0..1, feathered |
| blend.A | 0 = plate, 1 = synced, one value for the whole frame; with several faces each has its own around
it, and 1 where two touch, whose blend is then in the matte |
| st.u st.v | ST map of the jaw move: where in the plate each pixel comes from; 0..1, v upwards as in Nuke |

The final can be rebuilt exactly, in linear light: plate x (1 - matte x blend) + mouth x matte x blend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer, to_linear
from plosive.composite.merge import Layers
from plosive.errors import MediaWriteError
from plosive.generate.protocol import Patch
from plosive.geometry import Box
from plosive.media.plate import PlateFrame

__all__ = ["CHANNEL_NAMES", "ElementsWriter", "MadeFace"]

CHANNEL_NAMES = (
    "R", "G", "B", "mouth.R", "mouth.G", "mouth.B", "mouth.A", "matte.A", "blend.A", "st.u", "st.v",
)  # fmt: skip


@dataclass(frozen=True)
class MadeFace:
    """One face of a frame as it was merged."""

    layers: Layers
    patch: Patch


class ElementsWriter:
    """Writes `elements.<frame>.exr` into `folder`, numbered like the plate."""

    def __init__(self, folder: Path, first_frame: int, transfer: Transfer) -> None:
        self._folder = folder
        self._first_frame = first_frame
        self._transfer = transfer
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MediaWriteError(
                f"The elements folder {folder} cannot be made: {error.strerror}."
            ) from error

    def path(self, index: int) -> Path:
        """The file of plate frame `index`."""
        return self._folder / f"elements.{self._first_frame + index:04d}.exr"

    def write(self, plate: PlateFrame, final: PlateFrame, faces: Sequence[MadeFace]) -> None:
        """Write one frame; `faces`, at least one, in the order in which they were laid over the plate. Raises
        MediaWriteError when the disk refuses.
        """
        import OpenImageIO as oiio

        whole = Box(0, 0, plate.width, plate.height)
        picture = np.zeros((plate.height, plate.width, len(CHANNEL_NAMES)), dtype=np.float32)
        picture[..., 0:3] = self._linear(final.working(whole))
        picture[..., 8] = max(face.layers.blend for face in faces)
        rows, columns = np.mgrid[: plate.height, : plate.width].astype(np.float32)
        picture[..., 9] = (columns + 0.5) / plate.width
        picture[..., 10] = 1 - (rows + 0.5) / plate.height
        for face in faces:
            self._add(picture, face)
        spec = oiio.ImageSpec(plate.width, plate.height, len(CHANNEL_NAMES), oiio.FLOAT)
        spec.channelnames = CHANNEL_NAMES
        spec.attribute("compression", "zip")
        path = self.path(plate.index)
        partial = path.with_name(f".{path.stem}.partial.exr")
        output = oiio.ImageOutput.create(str(partial))
        written = bool(output.open(str(partial), spec)) and bool(output.write_image(picture))
        if not (written and output.close()):
            partial.unlink(missing_ok=True)
            raise MediaWriteError(f"The elements of frame {path.stem} cannot be written: {output.geterror()}")
        partial.replace(path)

    def _add(self, picture: NDArray[np.float32], face: MadeFace) -> None:
        """Lay one face over those that `picture` (H, W, channels) holds already."""
        layers, patch = face.layers, face.patch
        height, width = picture.shape[:2]
        area = picture[layers.box.slices]
        made, exists = self._linear(layers.patch), layers.matte > 0
        both = exists & (area[..., 7] > 0)
        below = (area[..., 7] * area[..., 8])[..., None]
        above = (layers.matte * np.float32(layers.blend))[..., None]
        together = below * (1 - above) + above
        joined = (area[..., 3:6] * below * (1 - above) + made * above) / np.maximum(together, 1e-12)
        area[..., 8] = np.where(both, 1, np.where(area[..., 7] > 0, area[..., 8], layers.blend))
        area[..., 3:6] = np.where(both[..., None], joined, np.where(exists[..., None], made, area[..., 3:6]))
        area[..., 7] = np.where(both, together[..., 0], np.where(exists, layers.matte, area[..., 7]))
        area[..., 6] = np.maximum(area[..., 6], exists)
        area[..., 9] = np.where(exists, (patch.plate_map[..., 0] + 0.5) / width, area[..., 9])
        area[..., 10] = np.where(exists, 1 - (patch.plate_map[..., 1] + 0.5) / height, area[..., 10])

    def _linear(self, working: NDArray[np.float32]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            return np.asarray(
                to_linear(torch.from_numpy(np.ascontiguousarray(working)), self._transfer).numpy()
            )
