from plosive_proto.v1 import clip_pb2 as _clip_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PlateAudio(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PLATE_AUDIO_UNSPECIFIED: _ClassVar[PlateAudio]
    PLATE_AUDIO_KEEP: _ClassVar[PlateAudio]
    PLATE_AUDIO_MUTE: _ClassVar[PlateAudio]
    PLATE_AUDIO_DROP: _ClassVar[PlateAudio]

class LengthMismatch(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LENGTH_MISMATCH_UNSPECIFIED: _ClassVar[LengthMismatch]
    LENGTH_MISMATCH_ERROR: _ClassVar[LengthMismatch]
    LENGTH_MISMATCH_HOLD: _ClassVar[LengthMismatch]
PLATE_AUDIO_UNSPECIFIED: PlateAudio
PLATE_AUDIO_KEEP: PlateAudio
PLATE_AUDIO_MUTE: PlateAudio
PLATE_AUDIO_DROP: PlateAudio
LENGTH_MISMATCH_UNSPECIFIED: LengthMismatch
LENGTH_MISMATCH_ERROR: LengthMismatch
LENGTH_MISMATCH_HOLD: LengthMismatch

class SyncRequest(_message.Message):
    __slots__ = ("clip", "voices", "style", "kept_ranges", "actor_footage_paths", "cast_path", "generator", "seed", "output", "elements", "score")
    CLIP_FIELD_NUMBER: _ClassVar[int]
    VOICES_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    KEPT_RANGES_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FOOTAGE_PATHS_FIELD_NUMBER: _ClassVar[int]
    CAST_PATH_FIELD_NUMBER: _ClassVar[int]
    GENERATOR_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    ELEMENTS_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    clip: _clip_pb2.ClipRange
    voices: _containers.RepeatedCompositeFieldContainer[_clip_pb2.Voice]
    style: Style
    kept_ranges: _containers.RepeatedCompositeFieldContainer[KeptRange]
    actor_footage_paths: _containers.RepeatedScalarFieldContainer[str]
    cast_path: str
    generator: str
    seed: int
    output: Output
    elements: Elements
    score: bool
    def __init__(self, clip: _Optional[_Union[_clip_pb2.ClipRange, _Mapping]] = ..., voices: _Optional[_Iterable[_Union[_clip_pb2.Voice, _Mapping]]] = ..., style: _Optional[_Union[Style, _Mapping]] = ..., kept_ranges: _Optional[_Iterable[_Union[KeptRange, _Mapping]]] = ..., actor_footage_paths: _Optional[_Iterable[str]] = ..., cast_path: _Optional[str] = ..., generator: _Optional[str] = ..., seed: _Optional[int] = ..., output: _Optional[_Union[Output, _Mapping]] = ..., elements: _Optional[_Union[Elements, _Mapping]] = ..., score: bool = ...) -> None: ...

class Style(_message.Message):
    __slots__ = ("strength", "jaw", "lip", "articulation")
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    JAW_FIELD_NUMBER: _ClassVar[int]
    LIP_FIELD_NUMBER: _ClassVar[int]
    ARTICULATION_FIELD_NUMBER: _ClassVar[int]
    strength: _clip_pb2.Curve
    jaw: _clip_pb2.Curve
    lip: _clip_pb2.Curve
    articulation: _clip_pb2.Curve
    def __init__(self, strength: _Optional[_Union[_clip_pb2.Curve, _Mapping]] = ..., jaw: _Optional[_Union[_clip_pb2.Curve, _Mapping]] = ..., lip: _Optional[_Union[_clip_pb2.Curve, _Mapping]] = ..., articulation: _Optional[_Union[_clip_pb2.Curve, _Mapping]] = ...) -> None: ...

class KeptRange(_message.Message):
    __slots__ = ("range", "face")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    FACE_FIELD_NUMBER: _ClassVar[int]
    range: _clip_pb2.FrameRange
    face: str
    def __init__(self, range: _Optional[_Union[_clip_pb2.FrameRange, _Mapping]] = ..., face: _Optional[str] = ...) -> None: ...

class Output(_message.Message):
    __slots__ = ("path", "versioned", "overwrite", "plate_audio", "length_mismatch", "codec")
    PATH_FIELD_NUMBER: _ClassVar[int]
    VERSIONED_FIELD_NUMBER: _ClassVar[int]
    OVERWRITE_FIELD_NUMBER: _ClassVar[int]
    PLATE_AUDIO_FIELD_NUMBER: _ClassVar[int]
    LENGTH_MISMATCH_FIELD_NUMBER: _ClassVar[int]
    CODEC_FIELD_NUMBER: _ClassVar[int]
    path: str
    versioned: VersionedName
    overwrite: bool
    plate_audio: PlateAudio
    length_mismatch: LengthMismatch
    codec: str
    def __init__(self, path: _Optional[str] = ..., versioned: _Optional[_Union[VersionedName, _Mapping]] = ..., overwrite: bool = ..., plate_audio: _Optional[_Union[PlateAudio, str]] = ..., length_mismatch: _Optional[_Union[LengthMismatch, str]] = ..., codec: _Optional[str] = ...) -> None: ...

class VersionedName(_message.Message):
    __slots__ = ("folder_path", "stem", "extension", "found_path")
    FOLDER_PATH_FIELD_NUMBER: _ClassVar[int]
    STEM_FIELD_NUMBER: _ClassVar[int]
    EXTENSION_FIELD_NUMBER: _ClassVar[int]
    FOUND_PATH_FIELD_NUMBER: _ClassVar[int]
    folder_path: str
    stem: str
    extension: str
    found_path: str
    def __init__(self, folder_path: _Optional[str] = ..., stem: _Optional[str] = ..., extension: _Optional[str] = ..., found_path: _Optional[str] = ...) -> None: ...

class Elements(_message.Message):
    __slots__ = ("folder_path", "whole_window", "first_frame", "compression")
    FOLDER_PATH_FIELD_NUMBER: _ClassVar[int]
    WHOLE_WINDOW_FIELD_NUMBER: _ClassVar[int]
    FIRST_FRAME_FIELD_NUMBER: _ClassVar[int]
    COMPRESSION_FIELD_NUMBER: _ClassVar[int]
    folder_path: str
    whole_window: bool
    first_frame: int
    compression: str
    def __init__(self, folder_path: _Optional[str] = ..., whole_window: bool = ..., first_frame: _Optional[int] = ..., compression: _Optional[str] = ...) -> None: ...
