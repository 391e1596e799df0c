# SPDX-License-Identifier: Apache-2.0
"""The client of the daemon: Python API, and `python -m plosive_client` on standard input and output.

with connect(client_name="my tool") as client:
    wanted = SyncRequest(ClipRange("/shots/a.mov"), (Voice("/dubs/de.wav"),), Output("/out/a_de.mov"))
    job = client.submit(wanted)
    for event in client.watch(job.id):
        ...
"""

from __future__ import annotations

from plosive_client.cancellation import Cancellation
from plosive_client.channel import TlsOptions
from plosive_client.client import Client
from plosive_client.clip import ClipRange, Curve, CurveKey, FrameRange, Retime, RetimeKey, Voice
from plosive_client.conform import (
    ConformDub,
    ConformedEdit,
    ConformedShot,
    ConformRequest,
    ConformResult,
    ConformTranscript,
    MovedFolder,
    ShotState,
)
from plosive_client.connecting import connect
from plosive_client.errors import (
    Busy,
    Cancelled,
    ConnectionLost,
    DaemonAbsent,
    DaemonDefect,
    ErrorCode,
    ErrorDetail,
    InvalidRequest,
    JobStateRefused,
    JobUnknown,
    KeyReused,
    NotAllowed,
    PlosiveClientError,
    TimedOut,
    VersionMismatch,
    WorkFailed,
)
from plosive_client.faces import Faces, FaceTrack, Person
from plosive_client.info import DaemonInfo, Device, GeneratorInfo, Limits
from plosive_client.job import Job, JobResult, JobState, Progress, ReelProgress, WatchEvent
from plosive_client.motion import MotionCurve, MotionPreview, Phone
from plosive_client.path_mapping import PathMapping
from plosive_client.preview import PreviewFrame
from plosive_client.score import FlaggedRange, Score
from plosive_client.sync import (
    Elements,
    KeptRange,
    LengthMismatch,
    Output,
    PlateAudio,
    Style,
    SyncRequest,
    VersionedName,
)

__all__ = [
    "Busy",
    "Cancellation",
    "Cancelled",
    "Client",
    "ClipRange",
    "ConformDub",
    "ConformRequest",
    "ConformResult",
    "ConformTranscript",
    "ConformedEdit",
    "ConformedShot",
    "ConnectionLost",
    "Curve",
    "CurveKey",
    "DaemonAbsent",
    "DaemonDefect",
    "DaemonInfo",
    "Device",
    "Elements",
    "ErrorCode",
    "ErrorDetail",
    "FaceTrack",
    "Faces",
    "FlaggedRange",
    "FrameRange",
    "GeneratorInfo",
    "InvalidRequest",
    "Job",
    "JobResult",
    "JobState",
    "JobStateRefused",
    "JobUnknown",
    "KeptRange",
    "KeyReused",
    "LengthMismatch",
    "Limits",
    "MotionCurve",
    "MotionPreview",
    "MovedFolder",
    "NotAllowed",
    "Output",
    "PathMapping",
    "Person",
    "Phone",
    "PlateAudio",
    "PlosiveClientError",
    "PreviewFrame",
    "Progress",
    "ReelProgress",
    "Retime",
    "RetimeKey",
    "Score",
    "ShotState",
    "Style",
    "SyncRequest",
    "TimedOut",
    "TlsOptions",
    "VersionMismatch",
    "VersionedName",
    "Voice",
    "WatchEvent",
    "WorkFailed",
    "connect",
]
