from plosive_proto.v1 import clip_pb2 as _clip_pb2
from plosive_proto.v1 import job_pb2 as _job_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ScoreResultRequest(_message.Message):
    __slots__ = ("result_path", "voice", "plate_path", "report_path", "plate_range")
    RESULT_PATH_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    PLATE_PATH_FIELD_NUMBER: _ClassVar[int]
    REPORT_PATH_FIELD_NUMBER: _ClassVar[int]
    PLATE_RANGE_FIELD_NUMBER: _ClassVar[int]
    result_path: str
    voice: _clip_pb2.Voice
    plate_path: str
    report_path: str
    plate_range: _clip_pb2.FrameRange
    def __init__(self, result_path: _Optional[str] = ..., voice: _Optional[_Union[_clip_pb2.Voice, _Mapping]] = ..., plate_path: _Optional[str] = ..., report_path: _Optional[str] = ..., plate_range: _Optional[_Union[_clip_pb2.FrameRange, _Mapping]] = ...) -> None: ...

class ScoreResultResponse(_message.Message):
    __slots__ = ("progress", "score")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    progress: _job_pb2.Progress
    score: Score
    def __init__(self, progress: _Optional[_Union[_job_pb2.Progress, _Mapping]] = ..., score: _Optional[_Union[Score, _Mapping]] = ...) -> None: ...

class Score(_message.Message):
    __slots__ = ("total", "reasons", "flagged", "json")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    FLAGGED_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    total: float
    reasons: _containers.RepeatedScalarFieldContainer[str]
    flagged: _containers.RepeatedCompositeFieldContainer[FlaggedRange]
    json: str
    def __init__(self, total: _Optional[float] = ..., reasons: _Optional[_Iterable[str]] = ..., flagged: _Optional[_Iterable[_Union[FlaggedRange, _Mapping]]] = ..., json: _Optional[str] = ...) -> None: ...

class FlaggedRange(_message.Message):
    __slots__ = ("range", "reason")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    range: _clip_pb2.FrameRange
    reason: str
    def __init__(self, range: _Optional[_Union[_clip_pb2.FrameRange, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...
