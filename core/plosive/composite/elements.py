# SPDX-License-Identifier: Apache-2.0
"""Elements for compositing: everything Plosive made, as layers of one float EXR per frame.

| channels | meaning |
|---|---|
| R G B | the final picture, linear light |
| mouth.R mouth.G mouth.B mouth.A | only the pixels Plosive made; RGB unpremultiplied, A = 1 where they
exist | | matte.A | where they count, 0..1, feathered |
| blend.A | 0 = plate, 1 = synced, one value for the whole frame |
| st.u st.v | ST map of the jaw move: where in the plate each pixel comes from; 0..1, v upwards as in Nuke |

The final can be rebuilt exactly, in linear light: plate x (1 - matte x blend) + mouth x matte x blend.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.colour.transfer import Transfer, to_linear
from plosive.composite.merge import Layers
from plosive.errors import MediaWriteError
from plosive.generate.protocol import Patch
from plosive.geometry import Box
from plosive.media.plate import PlateFrame

__all__ = ["CHANNEL_NAMES", "ElementsWriter"]

CHANNEL_NAMES = (
    "R", "G", "B", "mouth.R", "mouth.G", "mouth.B", "mouth.A", "matte.A", "blend.A", "st.u", "st.v",
)  # fmt: skip


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

    def write(self, plate: PlateFrame, final: PlateFrame, layers: Layers, patch: Patch) -> None:
        """Write one frame. Raises MediaWriteError when the disk refuses."""
        import OpenImageIO as oiio

        whole = Box(0, 0, plate.width, plate.height)
        picture = np.zeros((plate.height, plate.width, len(CHANNEL_NAMES)), dtype=np.float32)
        picture[..., 0:3] = self._linear(final.working(whole))
        area = picture[layers.box.slices]
        exists = layers.matte > 0
        area[..., 3:6] = np.where(exists[..., None], self._linear(layers.patch), 0)
        area[..., 6] = exists
        area[..., 7] = layers.matte
        picture[..., 8] = layers.blend
        rows, columns = np.mgrid[: plate.height, : plate.width].astype(np.float32)
        picture[..., 9] = (columns + 0.5) / plate.width
        picture[..., 10] = 1 - (rows + 0.5) / plate.height
        area[..., 9] = (patch.plate_map[..., 0] + 0.5) / plate.width
        area[..., 10] = 1 - (patch.plate_map[..., 1] + 0.5) / plate.height
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

    def _linear(self, working: NDArray[np.float32]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            return np.asarray(
                to_linear(torch.from_numpy(np.ascontiguousarray(working)), self._transfer).numpy()
            )
