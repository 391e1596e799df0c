# SPDX-License-Identifier: Apache-2.0
"""Opening a media file with FFmpeg (PyAV), and nothing that the file itself refers to."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.container import InputContainer

__all__ = ["CONTAINER_FORMATS", "open_media"]

CONTAINER_FORMATS = (
    "mov", "matroska", "mxf", "avi", "mpegts", "mpeg", "asf", "flv", "gxf", "nut", "ogg", "dv", "ivf", "rm",
    "wtv", "lxf", "obu", "h264", "hevc", "vvc", "m4v", "mpegvideo", "mjpeg", "dnxhd", "dirac", "vc1",
    "yuv4mpegpipe", "cine", "gif", "apng",
    "bmp_pipe", "dds_pipe", "dpx_pipe", "exr_pipe", "hdr_pipe", "j2k_pipe", "jpeg_pipe", "jpegls_pipe",
    "jpegxl_anim", "jpegxl_pipe", "pam_pipe", "pbm_pipe", "pcx_pipe", "pfm_pipe", "pgm_pipe", "phm_pipe",
    "png_pipe", "ppm_pipe", "psd_pipe", "qoi_pipe", "sgi_pipe", "sunrast_pipe", "tiff_pipe", "webp_pipe",
    "wav", "w64", "aiff", "caf", "au", "flac", "mp3", "aac", "ac3", "eac3", "amr", "ape", "dsf", "dts", "iff",
    "loas", "mlp", "mpc", "mpc8", "oma", "sox", "tak", "truehd", "tta", "voc", "wv", "xwma",
)  # fmt: skip
"""Names of FFmpeg's demuxers that read one file and no other. Playlists and scripts (HLS, DASH, concat, SDP,
IMF, image2, lavfi and the like) name further files, or machines on the network, and are none of them.
"""

_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": ",".join(CONTAINER_FORMATS)}
"""AVFormatContext's own (libavformat/options_table.h). That a MOV's data lies in another file (`dref`) is not
followed unless `enable_drefs` is set (libavformat/mov.c).
"""


def open_media(path: Path) -> InputContainer:
    """The file at `path`, which is never taken for an address, however it is called.

    Raises FFmpeg's errors, and OSError for a file of a kind that is not among `CONTAINER_FORMATS`.
    """
    import av

    try:
        # Absolute: FFmpeg takes what comes before a colon in other names for a protocol.
        return av.open(str(Path(path).absolute()), metadata_errors="replace", container_options=_OPTIONS)
    except av.error.ArgumentError as error:
        sentence = "it is a playlist, or of a kind that Plosive does not open"
        raise OSError(errno.EINVAL, sentence, str(path)) from error
