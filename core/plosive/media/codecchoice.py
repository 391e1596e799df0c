# SPDX-License-Identifier: Apache-2.0
"""Which codec and profile a result gets: the plate's own, or the fitting one for OUT's extension."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from plosive.colour.transfer import Transfer
from plosive.errors import MediaWriteError
from plosive.media.encodersettings import losses, tuned
from plosive.media.encoding import CODEC_NAMES, Encoding, Wanted
from plosive.media.layout import Model, SampleLayout
from plosive.media.pixelformats import nearest_format

if TYPE_CHECKING:
    from plosive.media.videosource import VideoSource

__all__ = ["choose_encoding"]

_CONTAINERS = {
    ".mov": "mov",
    ".mp4": "mp4",
    ".m4v": "mp4",
    ".mkv": "matroska",
    ".mxf": "mxf",
    ".avi": "avi",
    ".mpg": "mpeg",
    ".mpeg": "mpeg",
    ".vob": "vob",
    ".ts": "mpegts",
    ".mts": "mpegts",
    ".m2ts": "mpegts",
}
_FAMILIES = {  # FFmpeg's demuxer names to ours
    "mov,mp4,m4a,3gp,3g2,mj2": ("mov", "mp4"),
    "matroska,webm": ("matroska",),
    "mxf": ("mxf",),
    "mxf_opatom": ("mxf",),
    "avi": ("avi",),
    "mpeg": ("mpeg", "vob"),
    "mpegvideo": ("mpeg", "vob"),
    "mpegts": ("mpegts",),
}
_ENCODERS = {
    "prores": "prores_ks",
    "h264": "libx264",
    "hevc": "libx265",
    "vp9": "libvpx-vp9",
    "av1": "libsvtav1",
    "libdav1d": "libsvtav1",
}
_FOR_VIEWING = "viewing"
_FOR_DELIVERY = frozenset({"h264", "hevc", "mpeg4", "vp9", "av1", "libdav1d"})
_PRORES_PROFILES = {
    "Proxy": "proxy",
    "LT": "lt",
    "Standard": "standard",
    "HQ": "hq",
    "4444": "4444",
    "XQ": "4444xq",
}
_DNXHR_PROFILES = {
    "DNXHR LB": "dnxhr_lb",
    "DNXHR SQ": "dnxhr_sq",
    "DNXHR HQ": "dnxhr_hq",
    "DNXHR HQX": "dnxhr_hqx",
    "DNXHR 444": "dnxhr_444",
}


def choose_encoding(out_path: Path, wanted: Wanted, codec: str | None) -> Encoding:
    """The encoding of `out_path`. `codec` (one of CODEC_NAMES) overrides what the plate and extension say.

    Raises MediaWriteError when the extension or codec is unknown or cannot hold the picture.
    """
    container = _CONTAINERS.get(out_path.suffix.lower())
    if container is None:
        known = " ".join(sorted({*_CONTAINERS, ".exr", ".dpx", ".tif", ".png"}))
        raise MediaWriteError(
            f"'{out_path.suffix or out_path.name}' is no known output format; use one of {known}."
        )
    name, profile = _codec(container, wanted, codec)
    encoding = _encoding(container, name, profile, wanted)
    return tuned(encoding, wanted)


def _codec(container: str, wanted: Wanted, codec: str | None) -> tuple[str, str | None]:
    """(codec name, profile or None)."""
    layout, source = wanted.layout, wanted.source
    is_rich = layout.has_alpha or layout.model is Model.RGB or (layout.chroma_shift_x == 0)
    if codec is not None:
        if codec not in CODEC_NAMES:
            raise MediaWriteError(f"'{codec}' is no known codec; use one of {' '.join(CODEC_NAMES)}.")
        family, _, variant = codec.partition("_")
        if family == "prores":
            return "prores", {"422": "standard", "": "4444" if is_rich else "hq"}.get(variant, variant)
        if family == "dnxhr":
            return "dnxhd", codec if variant else _dnxhr(layout)
        return {"mpeg2": "mpeg2video", "mpeg1": "mpeg1video"}.get(codec, codec), None
    if (
        source is not None
        and container in _FAMILIES.get(source.container_name, ())
        and _fits(container, source)
    ):
        if source.codec_name == "prores":
            return "prores", _PRORES_PROFILES.get(source.profile or "", "4444" if is_rich else "hq")
        if source.codec_name == "dnxhd":
            return "dnxhd", _DNXHR_PROFILES.get(source.profile or "")
        return source.codec_name, None
    if container == "mov":
        return "prores", "4444" if is_rich else "hq"
    if container in ("mp4", "mpegts"):
        return ("hevc" if wanted.transfer in (Transfer.PQ, Transfer.HLG) else "h264"), _FOR_VIEWING
    if container == "mxf":
        if source is not None and source.codec_name == "mpeg2video":
            return "mpeg2video", None
        return "dnxhd", _dnxhr(layout)
    if container in ("mpeg", "vob"):
        return "mpeg2video", None
    return "ffv1", None


def _fits(container: str, source: VideoSource) -> bool:
    """Whether the plate's own codec stays: it can be encoded, and belongs in a container of this name."""
    import av

    if container == "mov" and source.codec_name in _FOR_DELIVERY and _is_mp4(source):
        return False  # .mov from an .mp4 asks for an editing codec
    if container == "mp4" and source.codec_name not in _FOR_DELIVERY | {"mpeg2video", "mpeg1video", "mjpeg"}:
        return False
    try:
        av.codec.Codec(_ENCODERS.get(source.codec_name, source.codec_name), "w")
    except (av.error.FFmpegError, ValueError):
        return False
    return True


def _is_mp4(source: VideoSource) -> bool:
    return dict(source.container_metadata).get("major_brand", "").strip() != "qt"


def _dnxhr(layout: SampleLayout) -> str:
    if layout.model is Model.RGB or (layout.model is Model.YCBCR and layout.chroma_shift_x == 0):
        return "dnxhr_444"
    return "dnxhr_hqx" if layout.bit_depth > 8 else "dnxhr_hq"


def _encoding(container: str, name: str, profile: str | None, wanted: Wanted) -> Encoding:
    import av

    encoder = _ENCODERS.get(name, name)
    try:
        formats = [known.name for known in av.codec.Codec(encoder, "w").video_formats or ()]
    except (av.error.FFmpegError, ValueError) as error:
        raise MediaWriteError(f"There is no encoder for {name}; choose another with --codec.") from error
    layout = wanted.layout
    if name == "prores":
        formats = ["yuv422p10le"]
        if profile in ("4444", "4444xq"):
            formats = ["yuva444p10le"] if layout.has_alpha else ["yuv444p10le"]
    elif name == "dnxhd":
        formats = {"dnxhr_hqx": ["yuv422p10le"], "dnxhr_444": ["gbrp10le", "yuv444p10le"]}.get(
            profile or "", ["yuv422p", "yuv422p10le"] if profile is None else ["yuv422p"]
        )
    elif name in ("h264", "hevc"):
        formats = [known for known in formats if not known.startswith(("nv", "yuvj", "yuva"))]
        if profile == _FOR_VIEWING:  # what every player shows
            depth = "10le" if name == "hevc" else ""
            formats = [f"yuv420p{depth}", f"yuv444p{depth}"][wanted.width % 2 or wanted.height % 2 :][:1]
            profile = None
        if wanted.width % 2 or wanted.height % 2:  # these codecs cannot halve an odd size
            formats = [known for known in formats if "444" in known or known.startswith(("gbr", "gray"))]
    if not formats:
        formats = [wanted.source.pixel_format if wanted.source else layout.name]
    own = wanted.source.pixel_format if wanted.source and wanted.source.codec_name == name else layout.name
    chosen = own if own in formats else nearest_format(layout, formats)
    encoding = Encoding(container, name, encoder, chosen, {"profile": profile} if profile else {})
    return replace(encoding, warnings=losses(encoding, wanted))
