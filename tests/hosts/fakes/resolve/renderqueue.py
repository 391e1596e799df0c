# SPDX-License-Identifier: Apache-2.0
"""The Deliver page as it is: settings nobody can read, presets, and jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fakes.resolve.cut import TimelineState
from fakes.resolve.media import new_id

__all__ = ["CODECS", "FORMATS", "SETTING_KEYS", "RenderJob", "RenderQueue"]

FORMATS = {
    "QuickTime": "mov",
    "MP4": "mp4",
    "MXF OP1A": "mxf",
    "EXR": "exr",
    "DPX": "dpx",
    "TIFF": "tif",
    "Wave": "wav",
}
"""[M] name to extension."""
CODECS: dict[str, dict[str, str]] = {
    "mov": {
        "Apple ProRes 422": "ProRes422",
        "Apple ProRes 422 HQ": "ProRes422HQ",
        "Apple ProRes 4444": "ProRes4444",
        "Apple ProRes 4444 XQ": "ProRes4444XQ",
        "H.264": "H264",
        "Linear PCM": "LinearPCM",
    },
    "mp4": {"H.264": "H264", "H.265": "H265"},
    "mxf": {"DNxHR HQX": "DNxHRHQX"},
    "exr": {"RGB half (no compression)": "RGBHalf", "RGB float (no compression)": "RGBFloat"},
    "dpx": {"RGB 10-bit": "RGB10"},
    "tif": {"RGB 16-bit": "RGB16"},
    "wav": {},
}
"""[M] description to id; only ids are taken; 'wav' has none."""
ALWAYS = (19, 1)
SETTING_KEYS: dict[str, tuple[tuple[int, ...], tuple[type, ...]]] = {
    "SelectAllFrames": (ALWAYS, (bool,)),
    "MarkIn": (ALWAYS, (int,)),
    "MarkOut": (ALWAYS, (int,)),
    "TargetDir": (ALWAYS, (str,)),
    "CustomName": (ALWAYS, (str,)),
    "UniqueFilenameStyle": (ALWAYS, (int,)),
    "UseUniqueFilenames": (ALWAYS, (bool,)),
    "ExportVideo": (ALWAYS, (bool,)),
    "ExportAudio": (ALWAYS, (bool,)),
    "FormatWidth": (ALWAYS, (int,)),
    "FormatHeight": (ALWAYS, (int,)),
    "FrameRate": (ALWAYS, (float, int)),
    "PixelAspectRatio": (ALWAYS, (str,)),
    "VideoQuality": (ALWAYS, (int, str)),
    "AudioFormat": (ALWAYS, (str,)),
    "AudioCodec": (ALWAYS, (str,)),
    "AudioBitDepth": (ALWAYS, (int,)),
    "AudioSampleRate": (ALWAYS, (int,)),
    "ColorSpaceTag": (ALWAYS, (str,)),
    "GammaTag": (ALWAYS, (str,)),
    "ExportAlpha": (ALWAYS, (bool,)),
    "AlphaMode": (ALWAYS, (int,)),
    "EncodingProfile": (ALWAYS, (str,)),
    "MultiPassEncode": (ALWAYS, (bool,)),
    "NetworkOptimization": (ALWAYS, (bool,)),
    "ClipStartFrame": (ALWAYS, (int,)),
    "TimelineStartTimecode": (ALWAYS, (str,)),
    "ReplaceExistingFilesInPlace": (ALWAYS, (bool,)),
    "ExportSubtitle": (ALWAYS, (bool,)),
    "SubtitleFormat": (ALWAYS, (str,)),
    "UseFullExtents": ((21, 0, 4), (bool,)),
    "AddFrameHandles": ((21, 0, 4), (int,)),
    "DataBurnIn": ((21, 0, 4), (str,)),
}
"""[V] key: (since, types)."""


@dataclass
class RenderJob:
    """A job and the settings that held when it was added; `mark_in` and `mark_out_inclusive` are absolute."""

    timeline: TimelineState
    mark_in: int
    mark_out_inclusive: int
    format: str
    codec: str
    settings: dict[str, Any]
    muted_tracks: frozenset[tuple[str, int]] = frozenset()
    percentage: int = 0
    state: str = "Ready"
    error: str = ""
    made: list[Path] = field(default_factory=list)
    id: str = field(default_factory=new_id)


@dataclass
class RenderQueue:
    """`settings` is what the Deliver page holds: written by SetRenderSettings and LoadRenderPreset, read by
    nobody.
    """

    format: str = "mov"
    codec: str = "ProRes422HQ"
    mode: int = 1
    settings: dict[str, Any] = field(default_factory=lambda: {"ExportVideo": True, "ExportAudio": True})
    presets: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: list[RenderJob] = field(default_factory=list)
    failing: str = ""
    """Not empty: jobs fail with this error."""

    def snapshot(self) -> dict[str, Any]:
        """All that a preset keeps."""
        return {
            "format": self.format,
            "codec": self.codec,
            "mode": self.mode,
            "settings": dict(self.settings),
        }

    def load(self, preset: dict[str, Any]) -> None:
        self.format, self.codec, self.mode = preset["format"], preset["codec"], preset["mode"]
        self.settings = dict(preset["settings"])
