# SPDX-License-Identifier: Apache-2.0
"""Settings of each encoder: as near the plate as it goes, and the same bytes for the same input."""

from __future__ import annotations

from dataclasses import replace

from plosive.media.encoding import Encoding, Wanted
from plosive.media.layout import Model, SampleLayout

__all__ = ["losses", "quality", "tuned"]

_DNXHD_MBITS = {
    188_416: 36,
    212_992: 42,
    303_104: 60,
    417_792: 100,
    458_752: 90,
    606_208: 120,
    917_504: 185,
    1_835_008: 440,
}
"""By the fixed size of a picture: a rate by which FFmpeg's encoder knows that kind (SMPTE ST 2019-1)."""
_SPOKEN = {
    "h264": "H.264",
    "hevc": "HEVC",
    "mpeg1video": "MPEG-1",
    "mpeg2video": "MPEG-2",
    "mpeg4": "MPEG-4",
}
_SPOKEN_OF_EDITING = {"prores": "ProRes", "dnxhd": "DNxHR"}


def tuned(encoding: Encoding, wanted: Wanted) -> Encoding:
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
        # x264's macroblock tree gives other bytes now and then when its threads are held up.
        options |= {"crf": "8", "preset": "veryfast", "x264-params": "mbtree=0"}
    elif encoding.codec == "hevc":
        options |= {"crf": "8", "preset": "veryfast", "x265-params": "log-level=none:info=0:cutree=0"}
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
        mbits = _DNXHD_MBITS.get(source.first_packet_bytes or 0)
        bit_rate = mbits * 1_000_000 if mbits else source.bit_rate
    if encoding.container not in ("mov", "mp4") or encoding.codec not in ("hevc", "mpeg2video"):
        tag = None
    flags = "+bitexact"
    if wanted.is_interlaced and encoding.codec in ("prores", "mpeg2video", "h264", "dnxhd", "mpeg4"):
        flags += "+ildct" if encoding.codec in ("prores", "dnxhd") else "+ildct+ilme"
    options["flags"] = flags
    return replace(encoding, options=options, codec_tag=tag, quantiser=quantiser, bit_rate=bit_rate)


def losses(encoding: Encoding, wanted: Wanted) -> tuple[str, ...]:
    """Sentences on what the encoding cannot keep."""
    warnings = []
    name = _name(encoding)
    if encoding.codec in _SPOKEN or encoding.codec in ("vp9", "av1", "libdav1d", "mjpeg"):
        warnings.append(
            f"{name} is lossy: the whole picture is compressed once more, at near-lossless quality."
        )
    elif encoding.codec in ("prores", "dnxhd", "cfhd", "jpeg2000"):
        warnings.append(f"{name} is visually lossless, not lossless: every frame is compressed once more.")
    kept = SampleLayout.parse(encoding.pixel_format)
    if kept is not None:
        is_float = wanted.source is None and wanted.transfer.is_scene_referred
        if kept.bit_depth < wanted.layout.bit_depth and not is_float:
            warnings.append(
                f"{name} here keeps {kept.bit_depth} of the plate's {wanted.layout.bit_depth} bits a sample."
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


def quality(encoding: Encoding) -> str:
    """Codec and quality in words and figures, to stand after 'compressed anew as'."""
    name, options = _name(encoding), encoding.options
    if encoding.is_lossless:
        return f"{name}, without loss"
    profile = options.get("profile", "")
    if "crf" in options:
        speed = f", preset {options['preset']}" if "preset" in options else ""
        return (
            f"{name} with loss, at constant quality: crf {options['crf']} ({encoding.encoder}{speed}; "
            "18 counts as visually lossless, less is better)"
        )
    if encoding.quantiser is not None:
        return f"{name} with loss, at quantiser {encoding.quantiser} (1 is the finest)"
    if encoding.bit_rate and encoding.codec == "dnxhd":
        return f"DNxHD with loss, at the plate's own picture size ({encoding.bit_rate // 1_000_000} Mbit/s)"
    if encoding.bit_rate:
        return f"{name} with loss, at {encoding.bit_rate / 1e6:.1f} Mbit/s"
    if encoding.codec in _SPOKEN_OF_EDITING and profile:
        return f"{name} with loss, in the profile {profile} and at its bit rate"
    return f"{name} with loss, at {encoding.encoder}'s own settings"


def _name(encoding: Encoding) -> str:
    spoken = _SPOKEN.get(encoding.codec) or _SPOKEN_OF_EDITING.get(encoding.codec)
    return spoken or encoding.codec.upper()
