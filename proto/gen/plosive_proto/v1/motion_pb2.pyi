from plosive_proto.v1 import clip_pb2 as _clip_pb2
from plosive_proto.v1 import sync_pb2 as _sync_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PreviewMotionRequest(_message.Message):
    __slots__ = ("clip", "voice", "style")
    CLIP_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    clip: _clip_pb2.ClipRange
    voice: _clip_pb2.Voice
    style: _sync_pb2.Style
    def __init__(self, clip: _Optional[_Union[_clip_pb2.ClipRange, _Mapping]] = ..., voice: _Optional[_Union[_clip_pb2.Voice, _Mapping]] = ..., style: _Optional[_Union[_sync_pb2.Style, _Mapping]] = ...) -> None: ...

class PreviewMotionResponse(_message.Message):
    __slots__ = ("phones", "curves", "language", "confidence", "warnings")
    PHONES_FIELD_NUMBER: _ClassVar[int]
    CURVES_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    phones: _containers.RepeatedCompositeFieldContainer[Phone]
    curves: _containers.RepeatedCompositeFieldContainer[MotionCurve]
    language: str
    confidence: float
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, phones: _Optional[_Iterable[_Union[Phone, _Mapping]]] = ..., curves: _Optional[_Iterable[_Union[MotionCurve, _Mapping]]] = ..., language: _Optional[str] = ..., confidence: _Optional[float] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class Phone(_message.Message):
    __slots__ = ("symbol", "start_seconds", "end_seconds", "word")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    START_SECONDS_FIELD_NUMBER: _ClassVar[int]
    END_SECONDS_FIELD_NUMBER: _ClassVar[int]
    WORD_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    start_seconds: _clip_pb2.Rational
    end_seconds: _clip_pb2.Rational
    word: str
    def __init__(self, symbol: _Optional[str] = ..., start_seconds: _Optional[_Union[_clip_pb2.Rational, _Mapping]] = ..., end_seconds: _Optional[_Union[_clip_pb2.Rational, _Mapping]] = ..., word: _Optional[str] = ...) -> None: ...

class MotionCurve(_message.Message):
    __slots__ = ("name", "values")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    name: str
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, name: _Optional[str] = ..., values: _Optional[_Iterable[float]] = ...) -> None: ...
