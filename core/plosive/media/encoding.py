# SPDX-License-Identifier: Apache-2.0
"""Which codec, profile and settings a result gets: the plate's own, or the fitting one for OUT's extension."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from plosive.colour.transfer import Transfer
from plosive.errors import MediaWriteError
from plosive.media.layout import Model, SampleLayout
from plosive.media.pixelformats import nearest_format

if TYPE_CHECKING:
    from plosive.media.videoreader import VideoSource

__all__ = ["CODEC_NAMES", "Encoding", "Wanted", "choose_encoding"]

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
_LOSSLESS = frozenset({"ffv1", "png", "qtrle", "v210", "rawvideo", "huffyuv", "ffvhuff", "utvideo", "r210"})
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
CODEC_NAMES = (
    "prores",
    "prores_proxy",
    "prores_lt",
    "prores_422",
    "prores_hq",
    "prores_4444",
    "prores_4444xq",
    "dnxhr",
    "dnxhr_lb",
    "dnxhr_sq",
    "dnxhr_hq",
    "dnxhr_hqx",
    "dnxhr_444",
    "h264",
    "hevc",
    "ffv1",
    "mpeg2",
    "mpeg1",
    "png",
)


@dataclass(frozen=True)
class Wanted:
    """The picture that has to be encoded. `source` is None for image plates."""

    layout: SampleLayout
    width: int
    height: int
    is_interlaced: bool
    is_full_range: bool
    transfer: Transfer
    source: VideoSource | None


@dataclass(frozen=True)
class Encoding:
    """How pictures are encoded. `codec` is FFmpeg's codec name, `encoder` the encoder's."""

    container: str
    codec: str
    encoder: str
    pixel_format: str
    options: dict[str, str] = field(default_factory=dict)
    codec_tag: str | None = None
    quantiser: int | None = None
    bit_rate: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_lossless(self) -> bool:
        return self.codec in _LOSSLESS

    @property
    def needs_constant_rate(self) -> bool:
        """Whether codec or container knows only one fixed frame rate."""
        return self.container in ("mxf", "avi", "mpeg", "vob") or self.codec in (
            "mpeg1video",
            "mpeg2video",
            "mpeg4",
            "dvvideo",
        )


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
    return _tuned(encoding, wanted)


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
    return replace(encoding, warnings=_losses(encoding, wanted))


def _tuned(encoding: Encoding, wanted: Wanted) -> Encoding:
    """The settings: as near the plate as the codec goes, and the same bytes for the same input."""
    options = dict(encoding.options)
    source = wanted.source
    same = source is not None and source.codec_name == encoding.codec
    tag = source.codec_tag if same and source is not None else None
    quantiser = bit_rate = None
    if encoding.codec == "prores":
        options["vendor"] = "apl0"
        if encoding.pixel_format.startswith("yuva"):
            options["alpha_bits"] = "16"
    elif encoding.codec == "h264":
        options |= {"crf": "8", "preset": "veryfast"}
    elif encoding.codec == "hevc":
        options |= {"crf": "8", "preset": "veryfast", "x265-params": "log-level=none:info=0"}
        tag = tag if tag in ("hvc1", "hev1") else "hvc1"
    elif encoding.codec == "ffv1":
        options |= {"level": "3", "slicecrc": "1", "g": "1"}
    elif encoding.codec in ("mpeg1video", "mpeg2video", "mpeg4", "mjpeg"):
        quantiser = 1
        options |= {"qmin": "1"}
        if encoding.codec == "mpeg2video" and "422" in encoding.pixel_format:
            options["profile"] = "0"  # 4:2:2 profile
    elif encoding.codec in ("vp9", "av1", "libdav1d"):
        options |= {"crf": "10", "b": "0"} if encoding.codec == "vp9" else {"crf": "10", "preset": "8"}
    elif encoding.codec == "dnxhd" and not options.get("profile") and source is not None:
        bit_rate = source.bit_rate
    if encoding.container not in ("mov", "mp4") or encoding.codec not in ("hevc", "mpeg2video"):
        tag = None
    flags = "+bitexact"
    if wanted.is_interlaced and encoding.codec in ("prores", "mpeg2video", "h264", "dnxhd", "mpeg4"):
        flags += "+ildct" if encoding.codec in ("prores", "dnxhd") else "+ildct+ilme"
    options["flags"] = flags
    return replace(encoding, options=options, codec_tag=tag, quantiser=quantiser, bit_rate=bit_rate)


def _losses(encoding: Encoding, wanted: Wanted) -> tuple[str, ...]:
    """Sentences on what the encoding cannot keep."""
    warnings = []
    spoken = {
        "h264": "H.264",
        "hevc": "HEVC",
        "mpeg1video": "MPEG-1",
        "mpeg2video": "MPEG-2",
        "mpeg4": "MPEG-4",
    }
    name = spoken.get(encoding.codec, encoding.codec.upper())
    if encoding.codec in spoken or encoding.codec in ("vp9", "av1", "libdav1d", "mjpeg"):
        warnings.append(
            f"{name} is lossy: the whole picture is compressed once more, at near-lossless quality."
        )
    elif encoding.codec in ("prores", "dnxhd", "cfhd", "jpeg2000"):
        title = {"prores": "ProRes", "dnxhd": "DNxHR"}.get(encoding.codec, name)
        warnings.append(f"{title} is visually lossless, not lossless: every frame is compressed once more.")
    kept = SampleLayout.parse(encoding.pixel_format)
    if kept is not None:
        if kept.bit_depth < wanted.layout.bit_depth:
            warnings.append(
                f"The {name} encoder keeps {kept.bit_depth} of the plate's {wanted.layout.bit_depth} bits per sample."
            )
        if wanted.layout.has_alpha and not kept.has_alpha:
            warnings.append(f"{name} as written here has no alpha channel; the plate's is left out.")
        if kept.model is Model.YCBCR and (
            kept.chroma_shift_x > wanted.layout.chroma_shift_x
            or kept.chroma_shift_y > wanted.layout.chroma_shift_y
        ):
            warnings.append(f"{name} as written here has less colour resolution than the plate.")
    if encoding.codec in ("h264", "hevc") and (wanted.width % 2 or wanted.height % 2):
        warnings.append(f"{name} holds odd picture sizes only as 4:4:4, which some players cannot show.")
    return tuple(warnings)


def rehearse(encoding: Encoding, width: int, height: int, rate: Fraction) -> str | None:
    """Why the encoder refuses this picture size, rate or format; None when it accepts them."""
    import av

    context = av.codec.context.CodecContext.create(encoding.encoder, "w")
    assert isinstance(context, av.video.codeccontext.VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, encoding.pixel_format
    context.framerate, context.time_base = rate, 1 / rate
    context.options = dict(encoding.options)
    if encoding.bit_rate:
        context.bit_rate = encoding.bit_rate
    try:
        context.open()
    except (av.error.FFmpegError, OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    return None
