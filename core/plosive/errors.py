# SPDX-License-Identifier: Apache-2.0
"""What can go wrong in a way the artist can act on.

Every class derives from `PlosiveError`. Its message is one sentence that says what, where and what
to do; the command line prints it verbatim and exits with `exit_code`. Any other exception is a
defect and reaches the log as a traceback.
"""

from __future__ import annotations

__all__ = [
    "DeviceMemoryError",
    "DubError",
    "FaceError",
    "JobCancelled",
    "LanguageError",
    "MediaReadError",
    "MediaWriteError",
    "MissingDependencyError",
    "NotPatchableError",
    "OptionError",
    "PlosiveError",
    "RangeError",
]


class PlosiveError(Exception):
    """An expected failure; `str(error)` is the sentence shown to the artist."""

    exit_code = 2


class MediaReadError(PlosiveError):
    """A plate or its frames cannot be read (missing, damaged, empty, gaps in a sequence)."""


class MediaWriteError(PlosiveError):
    """The result cannot be written (exists already, no permission, disk full, format cannot hold it)."""


class NotPatchableError(MediaWriteError):
    """A file or frame cannot be patched with its other bytes kept; it is compressed anew, and this is why."""


class DubError(PlosiveError):
    """The dub has no usable audio, or does not fit the plate as asked."""


class RangeError(PlosiveError):
    """A frame, timecode or range lies outside the plate or is malformed."""


class FaceError(PlosiveError):
    """The face that was asked for is not in the plate."""


class LanguageError(PlosiveError):
    """The language is unknown or needs a program that is not installed."""


class OptionError(PlosiveError):
    """An option's value, or a combination of options, makes no sense."""


class MissingDependencyError(PlosiveError):
    """A program or library that this feature needs is absent; the message says how to get it."""


class DeviceMemoryError(PlosiveError):
    """The GPU has too little free memory for this face; generators raise it, too, and are run on the CPU."""


class JobCancelled(PlosiveError):
    """The artist cancelled; nothing was left behind."""

    exit_code = 130
