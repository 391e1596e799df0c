from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Rational(_message.Message):
    __slots__ = ("numerator", "denominator")
    NUMERATOR_FIELD_NUMBER: _ClassVar[int]
    DENOMINATOR_FIELD_NUMBER: _ClassVar[int]
    numerator: int
    denominator: int
    def __init__(self, numerator: _Optional[int] = ..., denominator: _Optional[int] = ...) -> None: ...

class FrameRange(_message.Message):
    __slots__ = ("first_frame", "last_frame_inclusive")
    FIRST_FRAME_FIELD_NUMBER: _ClassVar[int]
    LAST_FRAME_INCLUSIVE_FIELD_NUMBER: _ClassVar[int]
    first_frame: int
    last_frame_inclusive: int
    def __init__(self, first_frame: _Optional[int] = ..., last_frame_inclusive: _Optional[int] = ...) -> None: ...

class ClipRange(_message.Message):
    __slots__ = ("media_path", "range", "sequence_rate", "handle_frames", "retime", "view", "colorspace", "ocio_config_path")
    MEDIA_PATH_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_RATE_FIELD_NUMBER: _ClassVar[int]
    HANDLE_FRAMES_FIELD_NUMBER: _ClassVar[int]
    RETIME_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    COLORSPACE_FIELD_NUMBER: _ClassVar[int]
    OCIO_CONFIG_PATH_FIELD_NUMBER: _ClassVar[int]
    media_path: str
    range: FrameRange
    sequence_rate: Rational
    handle_frames: int
    retime: Retime
    view: str
    colorspace: str
    ocio_config_path: str
    def __init__(self, media_path: _Optional[str] = ..., range: _Optional[_Union[FrameRange, _Mapping]] = ..., sequence_rate: _Optional[_Union[Rational, _Mapping]] = ..., handle_frames: _Optional[int] = ..., retime: _Optional[_Union[Retime, _Mapping]] = ..., view: _Optional[str] = ..., colorspace: _Optional[str] = ..., ocio_config_path: _Optional[str] = ...) -> None: ...

class Retime(_message.Message):
    __slots__ = ("keys",)
    KEYS_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedCompositeFieldContainer[RetimeKey]
    def __init__(self, keys: _Optional[_Iterable[_Union[RetimeKey, _Mapping]]] = ...) -> None: ...

class RetimeKey(_message.Message):
    __slots__ = ("media_frame", "timeline_seconds")
    MEDIA_FRAME_FIELD_NUMBER: _ClassVar[int]
    TIMELINE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    media_frame: Rational
    timeline_seconds: Rational
    def __init__(self, media_frame: _Optional[_Union[Rational, _Mapping]] = ..., timeline_seconds: _Optional[_Union[Rational, _Mapping]] = ...) -> None: ...

class Voice(_message.Message):
    __slots__ = ("dub_path", "dub_start_seconds", "dub_channel", "transcript", "transcript_path", "language", "motion_path", "face")
    DUB_PATH_FIELD_NUMBER: _ClassVar[int]
    DUB_START_SECONDS_FIELD_NUMBER: _ClassVar[int]
    DUB_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIPT_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIPT_PATH_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    MOTION_PATH_FIELD_NUMBER: _ClassVar[int]
    FACE_FIELD_NUMBER: _ClassVar[int]
    dub_path: str
    dub_start_seconds: Rational
    dub_channel: int
    transcript: str
    transcript_path: str
    language: str
    motion_path: str
    face: str
    def __init__(self, dub_path: _Optional[str] = ..., dub_start_seconds: _Optional[_Union[Rational, _Mapping]] = ..., dub_channel: _Optional[int] = ..., transcript: _Optional[str] = ..., transcript_path: _Optional[str] = ..., language: _Optional[str] = ..., motion_path: _Optional[str] = ..., face: _Optional[str] = ...) -> None: ...

class Curve(_message.Message):
    __slots__ = ("keys",)
    KEYS_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedCompositeFieldContainer[CurveKey]
    def __init__(self, keys: _Optional[_Iterable[_Union[CurveKey, _Mapping]]] = ...) -> None: ...

class CurveKey(_message.Message):
    __slots__ = ("media_frame", "value")
    MEDIA_FRAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    media_frame: Rational
    value: float
    def __init__(self, media_frame: _Optional[_Union[Rational, _Mapping]] = ..., value: _Optional[float] = ...) -> None: ...
