# SPDX-License-Identifier: Apache-2.0
"""Where a reel keeps what it needs for the moment: decoded dubs, each shot's stretch of them."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from plosive.errors import MediaWriteError
from plosive.media.staging import write_error

__all__ = ["scratch_folder"]

_HOPELESS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


@contextmanager
def scratch_folder(place: Path | None) -> Iterator[Path]:
    """A new folder in `place`, None: the system's for temporary files; it goes with its content. Raises
    MediaWriteError where the disk takes no more.
    """
    try:
        with TemporaryDirectory(prefix="plosive-reel-", dir=place) as folder:
            yield Path(folder)
    except OSError as error:
        if error.errno not in _HOPELESS:
            raise
        if error.filename:
            raise write_error(Path(error.filename), error) from error
        raise MediaWriteError(
            f"The temporary folder {place or gettempdir()} takes no more ({error.strerror}); "
            "free some space or point TMPDIR to another disk."
        ) from error
