from plosive_proto.v1 import conform_pb2 as _conform_pb2
from plosive_proto.v1 import errors_pb2 as _errors_pb2
from plosive_proto.v1 import sync_pb2 as _sync_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JobState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOB_STATE_UNSPECIFIED: _ClassVar[JobState]
    JOB_STATE_WAITING: _ClassVar[JobState]
    JOB_STATE_RUNNING: _ClassVar[JobState]
    JOB_STATE_DONE: _ClassVar[JobState]
    JOB_STATE_FAILED: _ClassVar[JobState]
    JOB_STATE_CANCELLED: _ClassVar[JobState]
JOB_STATE_UNSPECIFIED: JobState
JOB_STATE_WAITING: JobState
JOB_STATE_RUNNING: JobState
JOB_STATE_DONE: JobState
JOB_STATE_FAILED: JobState
JOB_STATE_CANCELLED: JobState

class Job(_message.Message):
    __slots__ = ("id", "state", "label", "client", "priority", "created_unix_ms", "started_unix_ms", "ended_unix_ms", "attempts", "jobs_ahead", "progress", "warnings", "result", "error")
    ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    CREATED_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    STARTED_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    ENDED_UNIX_MS_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    JOBS_AHEAD_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    id: str
    state: JobState
    label: str
    client: str
    priority: int
    created_unix_ms: int
    started_unix_ms: int
    ended_unix_ms: int
    attempts: int
    jobs_ahead: int
    progress: Progress
    warnings: _containers.RepeatedScalarFieldContainer[str]
    result: JobResult
    error: _errors_pb2.ErrorDetail
    def __init__(self, id: _Optional[str] = ..., state: _Optional[_Union[JobState, str]] = ..., label: _Optional[str] = ..., client: _Optional[str] = ..., priority: _Optional[int] = ..., created_unix_ms: _Optional[int] = ..., started_unix_ms: _Optional[int] = ..., ended_unix_ms: _Optional[int] = ..., attempts: _Optional[int] = ..., jobs_ahead: _Optional[int] = ..., progress: _Optional[_Union[Progress, _Mapping]] = ..., warnings: _Optional[_Iterable[str]] = ..., result: _Optional[_Union[JobResult, _Mapping]] = ..., error: _Optional[_Union[_errors_pb2.ErrorDetail, _Mapping]] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ("stage", "frames_done", "frames_total", "frames_per_second", "seconds_left", "preview_path", "device", "reel")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    FRAMES_DONE_FIELD_NUMBER: _ClassVar[int]
    FRAMES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    FRAMES_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    SECONDS_LEFT_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_PATH_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    REEL_FIELD_NUMBER: _ClassVar[int]
    stage: str
    frames_done: int
    frames_total: int
    frames_per_second: float
    seconds_left: float
    preview_path: str
    device: str
    reel: ReelProgress
    def __init__(self, stage: _Optional[str] = ..., frames_done: _Optional[int] = ..., frames_total: _Optional[int] = ..., frames_per_second: _Optional[float] = ..., seconds_left: _Optional[float] = ..., preview_path: _Optional[str] = ..., device: _Optional[str] = ..., reel: _Optional[_Union[ReelProgress, _Mapping]] = ...) -> None: ...

class ReelProgress(_message.Message):
    __slots__ = ("render", "renders_total", "renders_done", "shot_number", "shot_name", "language", "frames_done", "frames_total")
    RENDER_FIELD_NUMBER: _ClassVar[int]
    RENDERS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    RENDERS_DONE_FIELD_NUMBER: _ClassVar[int]
    SHOT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    SHOT_NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    FRAMES_DONE_FIELD_NUMBER: _ClassVar[int]
    FRAMES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    render: int
    renders_total: int
    renders_done: int
    shot_number: int
    shot_name: str
    language: str
    frames_done: int
    frames_total: int
    def __init__(self, render: _Optional[int] = ..., renders_total: _Optional[int] = ..., renders_done: _Optional[int] = ..., shot_number: _Optional[int] = ..., shot_name: _Optional[str] = ..., language: _Optional[str] = ..., frames_done: _Optional[int] = ..., frames_total: _Optional[int] = ...) -> None: ...

class JobResult(_message.Message):
    __slots__ = ("out_path", "record_path", "elements_folder_path", "frames_total", "frames_synced", "frames_copied", "frames_patched", "frames_rewritten", "score", "from_cache", "notes", "conform")
    OUT_PATH_FIELD_NUMBER: _ClassVar[int]
    RECORD_PATH_FIELD_NUMBER: _ClassVar[int]
    ELEMENTS_FOLDER_PATH_FIELD_NUMBER: _ClassVar[int]
    FRAMES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    FRAMES_SYNCED_FIELD_NUMBER: _ClassVar[int]
    FRAMES_COPIED_FIELD_NUMBER: _ClassVar[int]
    FRAMES_PATCHED_FIELD_NUMBER: _ClassVar[int]
    FRAMES_REWRITTEN_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    FROM_CACHE_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    CONFORM_FIELD_NUMBER: _ClassVar[int]
    out_path: str
    record_path: str
    elements_folder_path: str
    frames_total: int
    frames_synced: int
    frames_copied: int
    frames_patched: int
    frames_rewritten: int
    score: float
    from_cache: bool
    notes: _containers.RepeatedScalarFieldContainer[str]
    conform: _conform_pb2.ConformResult
    def __init__(self, out_path: _Optional[str] = ..., record_path: _Optional[str] = ..., elements_folder_path: _Optional[str] = ..., frames_total: _Optional[int] = ..., frames_synced: _Optional[int] = ..., frames_copied: _Optional[int] = ..., frames_patched: _Optional[int] = ..., frames_rewritten: _Optional[int] = ..., score: _Optional[float] = ..., from_cache: bool = ..., notes: _Optional[_Iterable[str]] = ..., conform: _Optional[_Union[_conform_pb2.ConformResult, _Mapping]] = ...) -> None: ...

class SubmitJobRequest(_message.Message):
    __slots__ = ("sync", "label", "priority", "idempotency_key", "device")
    SYNC_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    sync: _sync_pb2.SyncRequest
    label: str
    priority: int
    idempotency_key: str
    device: str
    def __init__(self, sync: _Optional[_Union[_sync_pb2.SyncRequest, _Mapping]] = ..., label: _Optional[str] = ..., priority: _Optional[int] = ..., idempotency_key: _Optional[str] = ..., device: _Optional[str] = ...) -> None: ...

class SubmitJobResponse(_message.Message):
    __slots__ = ("job", "existed")
    JOB_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    job: Job
    existed: bool
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ..., existed: bool = ...) -> None: ...

class ConformResponse(_message.Message):
    __slots__ = ("job", "existed")
    JOB_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    job: Job
    existed: bool
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ..., existed: bool = ...) -> None: ...

class GetJobRequest(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class GetJobResponse(_message.Message):
    __slots__ = ("job", "request", "conform")
    JOB_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    CONFORM_FIELD_NUMBER: _ClassVar[int]
    job: Job
    request: SubmitJobRequest
    conform: _conform_pb2.ConformRequest
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ..., request: _Optional[_Union[SubmitJobRequest, _Mapping]] = ..., conform: _Optional[_Union[_conform_pb2.ConformRequest, _Mapping]] = ...) -> None: ...

class ListJobsRequest(_message.Message):
    __slots__ = ("states", "client", "page_size", "page_token")
    STATES_FIELD_NUMBER: _ClassVar[int]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    states: _containers.RepeatedScalarFieldContainer[JobState]
    client: str
    page_size: int
    page_token: str
    def __init__(self, states: _Optional[_Iterable[_Union[JobState, str]]] = ..., client: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListJobsResponse(_message.Message):
    __slots__ = ("jobs", "next_page_token")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[Job]
    next_page_token: str
    def __init__(self, jobs: _Optional[_Iterable[_Union[Job, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchJobRequest(_message.Message):
    __slots__ = ("job_id", "after_sequence")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    after_sequence: int
    def __init__(self, job_id: _Optional[str] = ..., after_sequence: _Optional[int] = ...) -> None: ...

class WatchJobResponse(_message.Message):
    __slots__ = ("sequence", "job", "progress", "warning")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    JOB_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    WARNING_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    job: Job
    progress: Progress
    warning: str
    def __init__(self, sequence: _Optional[int] = ..., job: _Optional[_Union[Job, _Mapping]] = ..., progress: _Optional[_Union[Progress, _Mapping]] = ..., warning: _Optional[str] = ...) -> None: ...

class CancelJobRequest(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class CancelJobResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Job
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class RetryJobRequest(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class RetryJobResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Job
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class RemoveJobRequest(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class RemoveJobResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetJobLogRequest(_message.Message):
    __slots__ = ("job_id", "last_lines")
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_LINES_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    last_lines: int
    def __init__(self, job_id: _Optional[str] = ..., last_lines: _Optional[int] = ...) -> None: ...

class GetJobLogResponse(_message.Message):
    __slots__ = ("lines",)
    LINES_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, lines: _Optional[_Iterable[str]] = ...) -> None: ...
