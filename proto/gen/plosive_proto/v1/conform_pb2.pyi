from plosive_proto.v1 import clip_pb2 as _clip_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ShotState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SHOT_STATE_UNSPECIFIED: _ClassVar[ShotState]
    SHOT_STATE_SYNCED: _ClassVar[ShotState]
    SHOT_STATE_TAKEN_UP: _ClassVar[ShotState]
    SHOT_STATE_LEFT_ALONE: _ClassVar[ShotState]
    SHOT_STATE_FAILED: _ClassVar[ShotState]
SHOT_STATE_UNSPECIFIED: ShotState
SHOT_STATE_SYNCED: ShotState
SHOT_STATE_TAKEN_UP: ShotState
SHOT_STATE_LEFT_ALONE: ShotState
SHOT_STATE_FAILED: ShotState

class ConformRequest(_message.Message):
    __slots__ = ("edit_path", "timeline", "out_folder_path", "dubs", "named_tracks", "edit_rate", "handle_frames", "only", "media_folder_paths", "moved_folders", "extra_formats", "rests_in_pauses", "score", "generator", "seed", "label", "priority", "idempotency_key", "device", "transcripts", "cast_path", "sheet_path")
    EDIT_PATH_FIELD_NUMBER: _ClassVar[int]
    TIMELINE_FIELD_NUMBER: _ClassVar[int]
    OUT_FOLDER_PATH_FIELD_NUMBER: _ClassVar[int]
    DUBS_FIELD_NUMBER: _ClassVar[int]
    NAMED_TRACKS_FIELD_NUMBER: _ClassVar[int]
    EDIT_RATE_FIELD_NUMBER: _ClassVar[int]
    HANDLE_FRAMES_FIELD_NUMBER: _ClassVar[int]
    ONLY_FIELD_NUMBER: _ClassVar[int]
    MEDIA_FOLDER_PATHS_FIELD_NUMBER: _ClassVar[int]
    MOVED_FOLDERS_FIELD_NUMBER: _ClassVar[int]
    EXTRA_FORMATS_FIELD_NUMBER: _ClassVar[int]
    RESTS_IN_PAUSES_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    GENERATOR_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIPTS_FIELD_NUMBER: _ClassVar[int]
    CAST_PATH_FIELD_NUMBER: _ClassVar[int]
    SHEET_PATH_FIELD_NUMBER: _ClassVar[int]
    edit_path: str
    timeline: str
    out_folder_path: str
    dubs: _containers.RepeatedCompositeFieldContainer[ConformDub]
    named_tracks: bool
    edit_rate: _clip_pb2.Rational
    handle_frames: int
    only: _containers.RepeatedScalarFieldContainer[str]
    media_folder_paths: _containers.RepeatedScalarFieldContainer[str]
    moved_folders: _containers.RepeatedCompositeFieldContainer[MovedFolder]
    extra_formats: _containers.RepeatedScalarFieldContainer[str]
    rests_in_pauses: bool
    score: bool
    generator: str
    seed: int
    label: str
    priority: int
    idempotency_key: str
    device: str
    transcripts: _containers.RepeatedCompositeFieldContainer[ConformTranscript]
    cast_path: str
    sheet_path: str
    def __init__(self, edit_path: _Optional[str] = ..., timeline: _Optional[str] = ..., out_folder_path: _Optional[str] = ..., dubs: _Optional[_Iterable[_Union[ConformDub, _Mapping]]] = ..., named_tracks: bool = ..., edit_rate: _Optional[_Union[_clip_pb2.Rational, _Mapping]] = ..., handle_frames: _Optional[int] = ..., only: _Optional[_Iterable[str]] = ..., media_folder_paths: _Optional[_Iterable[str]] = ..., moved_folders: _Optional[_Iterable[_Union[MovedFolder, _Mapping]]] = ..., extra_formats: _Optional[_Iterable[str]] = ..., rests_in_pauses: bool = ..., score: bool = ..., generator: _Optional[str] = ..., seed: _Optional[int] = ..., label: _Optional[str] = ..., priority: _Optional[int] = ..., idempotency_key: _Optional[str] = ..., device: _Optional[str] = ..., transcripts: _Optional[_Iterable[_Union[ConformTranscript, _Mapping]]] = ..., cast_path: _Optional[str] = ..., sheet_path: _Optional[str] = ...) -> None: ...

class ConformDub(_message.Message):
    __slots__ = ("language", "dub_path", "track", "dub_start_seconds", "channel", "dub_start_timecode", "speaker")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    DUB_PATH_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    DUB_START_SECONDS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    DUB_START_TIMECODE_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_FIELD_NUMBER: _ClassVar[int]
    language: str
    dub_path: str
    track: str
    dub_start_seconds: _clip_pb2.Rational
    channel: int
    dub_start_timecode: str
    speaker: str
    def __init__(self, language: _Optional[str] = ..., dub_path: _Optional[str] = ..., track: _Optional[str] = ..., dub_start_seconds: _Optional[_Union[_clip_pb2.Rational, _Mapping]] = ..., channel: _Optional[int] = ..., dub_start_timecode: _Optional[str] = ..., speaker: _Optional[str] = ...) -> None: ...

class ConformTranscript(_message.Message):
    __slots__ = ("language", "transcript_path", "speaker", "start_seconds", "start_timecode")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIPT_PATH_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_FIELD_NUMBER: _ClassVar[int]
    START_SECONDS_FIELD_NUMBER: _ClassVar[int]
    START_TIMECODE_FIELD_NUMBER: _ClassVar[int]
    language: str
    transcript_path: str
    speaker: str
    start_seconds: _clip_pb2.Rational
    start_timecode: str
    def __init__(self, language: _Optional[str] = ..., transcript_path: _Optional[str] = ..., speaker: _Optional[str] = ..., start_seconds: _Optional[_Union[_clip_pb2.Rational, _Mapping]] = ..., start_timecode: _Optional[str] = ...) -> None: ...

class MovedFolder(_message.Message):
    __slots__ = ("beginning", "folder_path")
    BEGINNING_FIELD_NUMBER: _ClassVar[int]
    FOLDER_PATH_FIELD_NUMBER: _ClassVar[int]
    beginning: str
    folder_path: str
    def __init__(self, beginning: _Optional[str] = ..., folder_path: _Optional[str] = ...) -> None: ...

class ConformResult(_message.Message):
    __slots__ = ("edits", "shots", "shots_synced", "shots_taken_up", "shots_left_alone", "shots_failed")
    EDITS_FIELD_NUMBER: _ClassVar[int]
    SHOTS_FIELD_NUMBER: _ClassVar[int]
    SHOTS_SYNCED_FIELD_NUMBER: _ClassVar[int]
    SHOTS_TAKEN_UP_FIELD_NUMBER: _ClassVar[int]
    SHOTS_LEFT_ALONE_FIELD_NUMBER: _ClassVar[int]
    SHOTS_FAILED_FIELD_NUMBER: _ClassVar[int]
    edits: _containers.RepeatedCompositeFieldContainer[ConformedEdit]
    shots: _containers.RepeatedCompositeFieldContainer[ConformedShot]
    shots_synced: int
    shots_taken_up: int
    shots_left_alone: int
    shots_failed: int
    def __init__(self, edits: _Optional[_Iterable[_Union[ConformedEdit, _Mapping]]] = ..., shots: _Optional[_Iterable[_Union[ConformedShot, _Mapping]]] = ..., shots_synced: _Optional[int] = ..., shots_taken_up: _Optional[int] = ..., shots_left_alone: _Optional[int] = ..., shots_failed: _Optional[int] = ...) -> None: ...

class ConformedEdit(_message.Message):
    __slots__ = ("language", "edit_path", "extra_paths", "page_path", "record_path")
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    EDIT_PATH_FIELD_NUMBER: _ClassVar[int]
    EXTRA_PATHS_FIELD_NUMBER: _ClassVar[int]
    PAGE_PATH_FIELD_NUMBER: _ClassVar[int]
    RECORD_PATH_FIELD_NUMBER: _ClassVar[int]
    language: str
    edit_path: str
    extra_paths: _containers.RepeatedScalarFieldContainer[str]
    page_path: str
    record_path: str
    def __init__(self, language: _Optional[str] = ..., edit_path: _Optional[str] = ..., extra_paths: _Optional[_Iterable[str]] = ..., page_path: _Optional[str] = ..., record_path: _Optional[str] = ...) -> None: ...

class ConformedShot(_message.Message):
    __slots__ = ("number", "name", "language", "state", "reason", "out_path")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    OUT_PATH_FIELD_NUMBER: _ClassVar[int]
    number: int
    name: str
    language: str
    state: ShotState
    reason: str
    out_path: str
    def __init__(self, number: _Optional[int] = ..., name: _Optional[str] = ..., language: _Optional[str] = ..., state: _Optional[_Union[ShotState, str]] = ..., reason: _Optional[str] = ..., out_path: _Optional[str] = ...) -> None: ...
