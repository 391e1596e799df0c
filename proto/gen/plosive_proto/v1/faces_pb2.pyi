from plosive_proto.v1 import clip_pb2 as _clip_pb2
from plosive_proto.v1 import job_pb2 as _job_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AnalyzeFacesRequest(_message.Message):
    __slots__ = ("clip", "cast_path")
    CLIP_FIELD_NUMBER: _ClassVar[int]
    CAST_PATH_FIELD_NUMBER: _ClassVar[int]
    clip: _clip_pb2.ClipRange
    cast_path: str
    def __init__(self, clip: _Optional[_Union[_clip_pb2.ClipRange, _Mapping]] = ..., cast_path: _Optional[str] = ...) -> None: ...

class AnalyzeFacesResponse(_message.Message):
    __slots__ = ("progress", "faces")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    FACES_FIELD_NUMBER: _ClassVar[int]
    progress: _job_pb2.Progress
    faces: Faces
    def __init__(self, progress: _Optional[_Union[_job_pb2.Progress, _Mapping]] = ..., faces: _Optional[_Union[Faces, _Mapping]] = ...) -> None: ...

class Faces(_message.Message):
    __slots__ = ("people", "width", "height", "shot_cut_frames", "warnings")
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    SHOT_CUT_FRAMES_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    people: _containers.RepeatedCompositeFieldContainer[Person]
    width: int
    height: int
    shot_cut_frames: _containers.RepeatedScalarFieldContainer[int]
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, people: _Optional[_Iterable[_Union[Person, _Mapping]]] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., shot_cut_frames: _Optional[_Iterable[int]] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class Person(_message.Message):
    __slots__ = ("number", "name", "thumbnail_jpeg", "tracks")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    THUMBNAIL_JPEG_FIELD_NUMBER: _ClassVar[int]
    TRACKS_FIELD_NUMBER: _ClassVar[int]
    number: int
    name: str
    thumbnail_jpeg: bytes
    tracks: _containers.RepeatedCompositeFieldContainer[FaceTrack]
    def __init__(self, number: _Optional[int] = ..., name: _Optional[str] = ..., thumbnail_jpeg: _Optional[bytes] = ..., tracks: _Optional[_Iterable[_Union[FaceTrack, _Mapping]]] = ...) -> None: ...

class FaceTrack(_message.Message):
    __slots__ = ("range", "face_width_pixels", "box_step_frames", "boxes")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    FACE_WIDTH_PIXELS_FIELD_NUMBER: _ClassVar[int]
    BOX_STEP_FRAMES_FIELD_NUMBER: _ClassVar[int]
    BOXES_FIELD_NUMBER: _ClassVar[int]
    range: _clip_pb2.FrameRange
    face_width_pixels: float
    box_step_frames: int
    boxes: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, range: _Optional[_Union[_clip_pb2.FrameRange, _Mapping]] = ..., face_width_pixels: _Optional[float] = ..., box_step_frames: _Optional[int] = ..., boxes: _Optional[_Iterable[float]] = ...) -> None: ...
