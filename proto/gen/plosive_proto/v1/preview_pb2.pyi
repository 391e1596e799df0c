from plosive_proto.v1 import sync_pb2 as _sync_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RenderPreviewFrameRequest(_message.Message):
    __slots__ = ("sync", "frame", "largest_side_pixels", "device")
    SYNC_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    LARGEST_SIDE_PIXELS_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    sync: _sync_pb2.SyncRequest
    frame: int
    largest_side_pixels: int
    device: str
    def __init__(self, sync: _Optional[_Union[_sync_pb2.SyncRequest, _Mapping]] = ..., frame: _Optional[int] = ..., largest_side_pixels: _Optional[int] = ..., device: _Optional[str] = ...) -> None: ...

class RenderPreviewFrameResponse(_message.Message):
    __slots__ = ("image_jpeg", "width", "height", "is_synced", "reason", "warnings")
    IMAGE_JPEG_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    IS_SYNCED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    image_jpeg: bytes
    width: int
    height: int
    is_synced: bool
    reason: str
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, image_jpeg: _Optional[bytes] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., is_synced: bool = ..., reason: _Optional[str] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...
