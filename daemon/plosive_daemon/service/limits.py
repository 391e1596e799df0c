# SPDX-License-Identifier: Apache-2.0
"""How much may be asked: lengths of every text and list in a message, and how many streams may be open."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from google.protobuf.descriptor import FieldDescriptor  # type: ignore[import-untyped]
from google.protobuf.message import Message  # type: ignore[import-untyped]

from plosive_daemon.service.errors import InvalidRequest, TooManyStreams

__all__ = ["CLIENT_NAME_CHARACTERS", "StreamLimit", "require_within_limits"]

CLIENT_NAME_CHARACTERS = 64
_PATH_BYTES = 4_096
_TEXT_CHARACTERS = 256
_ITEMS = 256
# Other than the defaults above, by message and field (the protos say the same numbers).
_CHARACTERS = {
    "ConformDub.language": 64,
    "ConformDub.speaker": 256,
    "ConformTranscript.language": 64,
    "ConformTranscript.speaker": 256,
    "ConformRequest.label": 200,
    "ConformRequest.only": 1_000,
    "ConformRequest.idempotency_key": 128,
    "MovedFolder.beginning": 4_096,
    "SubmitJobRequest.label": 200,
    "SubmitJobRequest.idempotency_key": 128,
    "VersionedName.stem": 200,
    "VersionedName.extension": 32,
}
_TRANSCRIPT_BYTES = 1 << 20
_MOST_ITEMS = {
    "ConformRequest.dubs": 256,
    "ConformRequest.transcripts": 256,
    "ConformRequest.media_folder_paths": 64,
    "ConformRequest.moved_folders": 64,
    "ConformRequest.extra_formats": 4,
    "ConformRequest.only": 64,
    "SyncRequest.voices": 16,
    "SyncRequest.actor_footage_paths": 64,
    "SyncRequest.kept_ranges": 1_000,
    "Curve.keys": 10_000,
    "Retime.keys": 1_000,
}


def require_within_limits(message: Message, place: str = "") -> None:
    """Raises InvalidRequest, with the field's place, where a text or list of `message` or of what it holds is
    too long, or a text other than a transcript holds control characters. Fields added later are held to
    defaults.
    """
    for field, value in message.ListFields():
        where = f"{place}.{field.name}" if place else field.name
        key = f"{field.containing_type.name}.{field.name}"
        is_list = field.label == FieldDescriptor.LABEL_REPEATED
        if is_list and len(value) > (most := _MOST_ITEMS.get(key, _ITEMS)):
            raise InvalidRequest(f"{where} has {len(value)} items; at most {most} are taken.", where)
        for number, item in enumerate(value if is_list else (value,)):
            here = f"{where}[{number}]" if is_list else where
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                require_within_limits(item, here)
            elif field.type == FieldDescriptor.TYPE_STRING:
                _require_text(item, field.name, key, here)


def _require_text(text: str, name: str, key: str, where: str) -> None:
    if name == "transcript":
        if len(text.encode("utf-8", "replace")) > _TRANSCRIPT_BYTES:
            raise InvalidRequest(f"{where} is longer than 1 MiB; give it as a file (transcript_path).", where)
        return
    if name.endswith(("_path", "_paths")) or key == "Output.path":
        most, length, unit = _PATH_BYTES, len(text.encode("utf-8", "replace")), "bytes"
    else:
        most, length, unit = _CHARACTERS.get(key, _TEXT_CHARACTERS), len(text), "characters"
    if length > most:
        raise InvalidRequest(f"{where} is {length} {unit} long; at most {most} are taken.", where)
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise InvalidRequest(f"{where} holds control characters; leave them out.", where)


class StreamLimit:
    """Counts open streams, all together and for each client."""

    def __init__(self, most: int, most_per_client: int) -> None:
        self._most = most
        self._most_per_client = most_per_client
        self._lock = threading.Lock()
        self._open: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """Streams open now."""
        with self._lock:
            return self._open.total()

    @contextmanager
    def one(self, client: str) -> Iterator[None]:
        """One more stream of `client` for as long as the block runs. Raises TooManyStreams."""
        with self._lock:
            if self._open.total() >= self._most:
                raise TooManyStreams(f"{self._most} streams are open, as many as may; try again later.")
            if self._open[client] >= self._most_per_client:
                raise TooManyStreams(
                    f"{self._most_per_client} streams of this client are open, as many as may; close some."
                )
            self._open[client] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[client] -= 1
                if not self._open[client]:
                    del self._open[client]
