# SPDX-License-Identifier: Apache-2.0
"""What `plosive doctor` looks at: one finding per thing that can be there or missing."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from plosive import __version__
from plosive.user_folders import cache_root, log_folder

__all__ = ["Finding", "findings"]

_PACKAGES = (  # distribution, module
    ("av", "av"),
    ("click", "click"),
    ("mediapipe", "mediapipe"),
    ("num2words", "num2words"),
    ("numba", "numba"),
    ("numpy", "numpy"),
    ("OpenEXR", "OpenEXR"),
    ("OpenImageIO", "OpenImageIO"),
    ("opencv-contrib-python", "cv2"),
    ("opentimelineio", "opentimelineio"),
    ("pillow", "PIL"),
    ("pocketsphinx", "pocketsphinx"),
    ("praatio", "praatio"),
    ("py3langid", "py3langid"),
    ("pysubs2", "pysubs2"),
    ("rich", "rich"),
    ("scikit-image", "skimage"),
    ("scipy", "scipy"),
    ("silero-vad", "silero_vad"),
    ("torch", "torch"),
    ("ttconv", "ttconv"),
)
_CODECS = (  # FFmpeg encoder, what it is for, essential
    ("prores_ks", "ProRes", True),
    ("libx264", "H.264", True),
    ("aac", "AAC sound", True),
    ("pcm_s24le", "24-bit sound", True),
    ("ffv1", "FFV1, lossless", False),
    ("libx265", "HEVC", False),
    ("dnxhd", "DNxHD and DNxHR", False),
    ("mpeg2video", "MPEG-2", False),
)
_EDITS = (  # what an artist calls it, adapter of OpenTimelineIO (none: Plosive's own), package
    ("OTIO", "otio_json", "opentimelineio"),
    ("OTIO bundle", "otioz", "opentimelineio"),
    ("EDL (CMX 3600)", "cmx_3600", "otio-cmx3600-adapter"),
    ("Final Cut Pro 7 XML", "fcp_xml", "otio-fcp-adapter"),
    ("FCPXML", "", "opentimelineio"),
    ("AAF", "AAF", "otio-aaf-adapter"),
)
_IMAGE_FORMATS = ("openexr", "dpx", "tiff", "png")
_REINSTALL = "set Plosive up again: python run.py plosive doctor"
_ESPEAK = {
    "Linux": "apt install espeak-ng (or your system's own way)",
    "Darwin": "brew install espeak-ng",
    "Windows": "winget install eSpeak-NG.eSpeak-NG",
}
_ENOUGH_SCRATCH_GIGABYTES = 5.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `value` is what was found, `remedy` how to get it where it is missing."""

    area: str
    name: str
    value: str
    is_present: bool = True
    is_essential: bool = False
    remedy: str = ""


def findings() -> Iterator[Finding]:
    """Everything, in the order it is shown."""
    yield Finding("system", "Plosive", __version__)
    supported = (3, 10) <= sys.version_info[:2] < (3, 13)
    yield Finding(
        "system", "Python", platform.python_version(), supported, True, "use Python 3.10, 3.11 or 3.12"
    )
    yield Finding("system", "platform", platform.platform())
    yield from _packages()
    yield from _devices()
    yield from _codecs()
    yield from _image_formats()
    yield from _edits()
    yield from _programs()
    yield from _folders()


def _packages() -> Iterator[Finding]:
    for distribution, module in _PACKAGES:
        try:
            version = importlib.metadata.version(distribution)
            importlib.import_module(module)
        except importlib.metadata.PackageNotFoundError:
            yield Finding("packages", distribution, "not installed", False, True, _REINSTALL)
        except Exception as error:  # whatever a broken binary raises, the doctor tells it and goes on
            yield Finding("packages", distribution, f"does not load: {error}", False, True, _REINSTALL)
        else:
            yield Finding("packages", distribution, version)


def _devices() -> Iterator[Finding]:
    yield Finding("devices", "cpu", f"{os.cpu_count()} logical cores")
    try:
        import torch
    except Exception:  # reported with the packages
        return
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            memory = torch.cuda.get_device_properties(index).total_memory / 2**30
            yield Finding("devices", f"cuda:{index}", f"{torch.cuda.get_device_name(index)}, {memory:.0f} GB")
    else:
        remedy = "only with an NVIDIA GPU: its driver, and a CUDA build of torch"
        yield Finding("devices", "cuda", "none", False, False, remedy)


def _codecs() -> Iterator[Finding]:
    try:
        import av
        from av.codec import Codec
    except Exception:  # reported with the packages
        return
    yield Finding("video", "FFmpeg (libavcodec)", ".".join(map(str, av.library_versions["libavcodec"])))
    for encoder, purpose, essential in _CODECS:
        try:
            Codec(encoder, "w")
        except Exception:  # UnknownCodecError has moved between PyAV releases
            yield Finding("video", purpose, f"no {encoder} encoder", False, essential, _REINSTALL)
        else:
            yield Finding("video", purpose, encoder)


def _image_formats() -> Iterator[Finding]:
    try:
        import OpenImageIO
    except Exception:  # reported with the packages
        return
    known = set(OpenImageIO.get_string_attribute("format_list").split(","))
    for name in _IMAGE_FORMATS:
        present = name in known
        value = "read and write" if present else "missing"
        yield Finding("images", name, value, present, name == "openexr", _REINSTALL)
    ocio = os.environ.get("OCIO")
    yield Finding("images", "colour configuration", ocio or "OpenImageIO's built-in ACES (OCIO is not set)")


def _edits() -> Iterator[Finding]:
    """Which edits `plosive conform` can read."""
    try:
        import opentimelineio as otio

        known = {"", *otio.adapters.available_adapter_names()}
    except Exception:  # reported with the packages
        return
    for name, adapter, package in _EDITS:
        remedy = f"such edits cannot be read: python -m pip install {package}"
        try:
            version = importlib.metadata.version(package)
            if adapter in known and adapter:
                otio.adapters.from_name(adapter).module()  # what it needs itself, as pyaaf2
        except importlib.metadata.PackageNotFoundError:
            yield Finding("edits", name, f"{package} is not installed", False, False, remedy)
        except Exception as error:  # as with the packages
            yield Finding("edits", name, f"{package} does not load: {error}", False, False, remedy)
        else:
            found = f"{package} {version}" if adapter else f"Plosive's own, on {package} {version}"
            missing = f"{package} {version} brings no adapter {adapter}"
            yield Finding(
                "edits", name, found if adapter in known else missing, adapter in known, False, remedy
            )


def _programs() -> Iterator[Finding]:
    path = shutil.which("espeak-ng") or shutil.which("espeak")
    remedy = (
        f"for transcripts in languages other than English: {_ESPEAK.get(platform.system(), 'install it')}"
    )
    yield Finding("programs", "espeak-ng", path or "not installed", path is not None, False, remedy)


def _folders() -> Iterator[Finding]:
    scratch = tempfile.gettempdir()
    free = shutil.disk_usage(scratch).free / 1e9
    enough = free >= _ENOUGH_SCRATCH_GIGABYTES
    remedy = "free some space there, or set TMPDIR (TEMP on Windows) to a larger disk"
    yield Finding("folders", "scratch", f"{scratch}, {free:.1f} GB free", enough, False, remedy)
    yield Finding("folders", "logs", str(log_folder()))
    yield Finding("folders", "faces of known plates", str(cache_root()))
