# SPDX-License-Identifier: Apache-2.0
"""8-bit pictures written whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plosive.errors import MediaWriteError

__all__ = ["require_writable", "write_picture"]

_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF"}


def require_writable(path: Path, overwrite: bool) -> None:
    """Raise MediaWriteError now when `path` could not be written later."""
    if path.suffix.lower() not in _FORMATS:
        raise MediaWriteError(f"{path} must end in {', '.join(_FORMATS)}: it is a picture.")
    if path.exists() and not overwrite:
        raise MediaWriteError(f"{path} exists already; give --overwrite to replace it.")
    if not path.absolute().parent.is_dir():
        raise MediaWriteError(f"The folder {path.absolute().parent} does not exist; make it first.")


def write_picture(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write `picture` (h, w, 3) RGB under a temporary name, then rename."""
    from PIL import Image

    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            Image.fromarray(picture).save(file, format=_FORMATS[path.suffix.lower()])
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise MediaWriteError(f"{path} cannot be written: {error.strerror or error}.") from error
