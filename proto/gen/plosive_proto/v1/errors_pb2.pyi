from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_CODE_UNSPECIFIED: _ClassVar[ErrorCode]
    ERROR_CODE_INVALID_REQUEST: _ClassVar[ErrorCode]
    ERROR_CODE_UNAUTHENTICATED: _ClassVar[ErrorCode]
    ERROR_CODE_PATH_REFUSED: _ClassVar[ErrorCode]
    ERROR_CODE_JOB_UNKNOWN: _ClassVar[ErrorCode]
    ERROR_CODE_JOB_STATE: _ClassVar[ErrorCode]
    ERROR_CODE_KEY_REUSED: _ClassVar[ErrorCode]
    ERROR_CODE_BUSY: _ClassVar[ErrorCode]
    ERROR_CODE_PROTOCOL: _ClassVar[ErrorCode]
    ERROR_CODE_MEDIA_READ: _ClassVar[ErrorCode]
    ERROR_CODE_MEDIA_WRITE: _ClassVar[ErrorCode]
    ERROR_CODE_DUB: _ClassVar[ErrorCode]
    ERROR_CODE_RANGE: _ClassVar[ErrorCode]
    ERROR_CODE_FACE: _ClassVar[ErrorCode]
    ERROR_CODE_LANGUAGE: _ClassVar[ErrorCode]
    ERROR_CODE_OPTION: _ClassVar[ErrorCode]
    ERROR_CODE_DEPENDENCY: _ClassVar[ErrorCode]
    ERROR_CODE_DEVICE_MEMORY: _ClassVar[ErrorCode]
    ERROR_CODE_DISK_FULL: _ClassVar[ErrorCode]
    ERROR_CODE_CANCELLED: _ClassVar[ErrorCode]
    ERROR_CODE_WORKER_DIED: _ClassVar[ErrorCode]
    ERROR_CODE_INTERNAL: _ClassVar[ErrorCode]
    ERROR_CODE_SHUTTING_DOWN: _ClassVar[ErrorCode]
ERROR_CODE_UNSPECIFIED: ErrorCode
ERROR_CODE_INVALID_REQUEST: ErrorCode
ERROR_CODE_UNAUTHENTICATED: ErrorCode
ERROR_CODE_PATH_REFUSED: ErrorCode
ERROR_CODE_JOB_UNKNOWN: ErrorCode
ERROR_CODE_JOB_STATE: ErrorCode
ERROR_CODE_KEY_REUSED: ErrorCode
ERROR_CODE_BUSY: ErrorCode
ERROR_CODE_PROTOCOL: ErrorCode
ERROR_CODE_MEDIA_READ: ErrorCode
ERROR_CODE_MEDIA_WRITE: ErrorCode
ERROR_CODE_DUB: ErrorCode
ERROR_CODE_RANGE: ErrorCode
ERROR_CODE_FACE: ErrorCode
ERROR_CODE_LANGUAGE: ErrorCode
ERROR_CODE_OPTION: ErrorCode
ERROR_CODE_DEPENDENCY: ErrorCode
ERROR_CODE_DEVICE_MEMORY: ErrorCode
ERROR_CODE_DISK_FULL: ErrorCode
ERROR_CODE_CANCELLED: ErrorCode
ERROR_CODE_WORKER_DIED: ErrorCode
ERROR_CODE_INTERNAL: ErrorCode
ERROR_CODE_SHUTTING_DOWN: ErrorCode

class ErrorDetail(_message.Message):
    __slots__ = ("code", "sentence", "field", "is_retryable", "job_id")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    IS_RETRYABLE_FIELD_NUMBER: _ClassVar[int]
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    code: ErrorCode
    sentence: str
    field: str
    is_retryable: bool
    job_id: str
    def __init__(self, code: _Optional[_Union[ErrorCode, str]] = ..., sentence: _Optional[str] = ..., field: _Optional[str] = ..., is_retryable: bool = ..., job_id: _Optional[str] = ...) -> None: ...
