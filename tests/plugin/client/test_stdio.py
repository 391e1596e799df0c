# SPDX-License-Identifier: Apache-2.0
"""`python -m plosive_client`: JSON lines, held to PROTOCOL.md."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plosive_client.errors import InvalidRequest
from plosive_client.stdio import arguments
from plosive_client.stdio.json_form import from_json, parsed
from plosive_client.stdio.lines import LINE_BYTES
from plosive_client.stdio.requests import REQUESTS
from plosive_client.stdio.session import Session
from plosive_proto.v1 import errors_pb2, job_pb2

SYNC = {"clip": {"media_path": "/a.mov"}, "voices": [{"dub_path": "/b.wav"}], "output": {"path": "/c.mov"}}
HELLO = {"id": "hi", "type": "hello", "protocol": 1, "start": False, "client_name": "test"}
PROTOCOL = Path(__file__).resolve().parents[3] / "plugin" / "plosive_client" / "PROTOCOL.md"


class Child:
    """`python -m plosive_client`, its lines read as they come."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "plosive_client"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        self.told: list[dict[str, Any]] = []
        self.news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def say(self, line: dict[str, Any] | bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
        self.process.stdin.flush()

    def until(self, request_id: Any, *types: str) -> list[dict[str, Any]]:
        """What was told of a request up to its end (or the first of `types`)."""
        ends = types or ("done", "error")
        deadline = time.monotonic() + 20.0
        with self.news:
            while True:
                own = [line for line in self.told if line["id"] == request_id]
                if own and own[-1]["type"] in ends:
                    return own
                assert time.monotonic() < deadline, self.told
                self.news.wait(0.5)

    def close(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(10.0)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.news:
                self.told.append(json.loads(line))
                self.news.notify_all()


@pytest.fixture
def child(daemon: Any) -> Iterator[Child]:
    child = Child()
    yield child
    child.process.kill()
    child.process.wait()


def examples() -> list[tuple[str, dict[str, Any]]]:
    found = re.findall(r"^([<>]) (.*)$", PROTOCOL.read_text(encoding="utf-8"), re.MULTILINE)
    return [(mark, json.loads(line)) for mark, line in found]


def test_every_example_of_the_document_is_understood() -> None:
    documented = set()
    for mark, message in examples():
        if mark == "<":
            assert message["type"] in ("done", "error", "submitted", "state", "progress", "warning")
            continue
        kind = message.pop("type")
        documented.add(kind)
        message.pop("id")
        if kind != "stop":
            given_class = arguments.Hello if kind == "hello" else REQUESTS[kind][0]
            from_json(given_class, parsed(json.dumps(message).encode()))
    assert documented == {"hello", "stop", *REQUESTS}


def test_a_job_from_hello_to_done(daemon: Any, child: Child) -> None:
    child.say(HELLO)
    child.say({"id": 2, "type": "submit", "sync": SYNC, "label": "sh010"})
    job_id = child.until(2, "state")[0]["job"]["id"]
    daemon.tell_state(job_id, job_pb2.JOB_STATE_RUNNING)
    for number in range(50):
        daemon.tell(job_id, progress=job_pb2.Progress(stage="render", frames_done=number))
    daemon.tell(job_id, warning="careful")
    result = job_pb2.JobResult(out_path="/c.mov")
    daemon.tell_state(job_id, job_pb2.JOB_STATE_DONE, result=result)
    told = child.until(2)
    hello = child.until("hi")[-1]
    assert (hello["protocol"], hello["daemon"]["protocol_major"], hello["client_protocol"]) == (1, 1, [1, 0])
    kinds = [line["type"] for line in told if line["type"] != "progress"]
    assert kinds == ["submitted", "state", "state", "warning", "state", "done"]
    progress = [line["progress"]["frames_done"] for line in told if line["type"] == "progress"]
    assert len(progress) < 10 and progress[-1] == 49
    assert told[-1]["job"]["result"]["out_path"] == "/c.mov"
    assert child.close() == 0


def test_progress_comes_ten_times_a_second_at_most(daemon: Any, child: Child) -> None:
    child.say(HELLO)
    job_id = daemon.add_job("job")
    child.say({"id": 1, "type": "watch", "job_id": job_id})
    child.until(1, "state")
    begun = time.monotonic()
    while time.monotonic() - begun < 1.0:
        daemon.tell(job_id, progress=job_pb2.Progress(frames_done=1))
        time.sleep(0.01)
    seconds = time.monotonic() - begun
    daemon.tell_state(job_id, job_pb2.JOB_STATE_DONE)
    progress = [line for line in child.until(1) if line["type"] == "progress"]
    assert 3 < len(progress) <= 10 * seconds + 2


def test_several_requests_at_once_and_stop(daemon: Any, child: Child) -> None:
    child.say(HELLO)
    job_id = daemon.add_job("job")
    child.say({"id": "w", "type": "watch", "job_id": job_id})
    child.until("w", "state")
    child.say({"id": 3, "type": "info"})
    child.say({"id": 4, "type": "jobs", "states": ["waiting"]})
    assert child.until(3)[-1]["info"]["plosive_version"] == "0.1.0"
    assert [job["id"] for job in child.until(4)[-1]["jobs"]] == ["job"]
    child.say({"id": 5, "type": "stop", "request": "w"})
    assert child.until(5)[-1]["was_open"] is True
    assert child.until("w")[-1]["code"] == "CANCELLED"
    child.say({"id": 6, "type": "stop", "request": "w"})
    assert child.until(6)[-1]["was_open"] is False
    child.say({"id": 7, "type": "cancel", "job_id": job_id})
    assert child.until(7)[-1]["job"]["state"] == "cancelled"
    child.say({"id": 8, "type": "watch", "job_id": job_id})
    assert child.until(8)[-1]["job"]["state"] == "cancelled"
    child.say({"id": 9, "type": "remove", "job_id": job_id})
    assert child.until(9)[-1] == {"id": 9, "type": "done"}


def test_looks_before_the_job(daemon: Any, child: Child, tmp_path: Path) -> None:
    child.say(HELLO)
    child.say({"id": 1, "type": "faces", "clip": SYNC["clip"]})
    told = child.until(1)
    assert told[-1]["faces"]["people"][0]["thumbnail_jpeg"] == "/9g="
    assert told[-2]["progress"]["frames_done"] == 2
    image = tmp_path / "look.jpg"
    child.say({"id": 2, "type": "frame", "frame": 5, "sync": SYNC, "image_path": str(image)})
    assert child.until(2)[-1]["frame"]["is_synced"] is True
    assert image.read_bytes() == b"\xff\xd8jpeg"
    child.say({"id": 3, "type": "motion", "clip": SYNC["clip"], "voice": SYNC["voices"][0]})
    assert child.until(3)[-1]["motion"]["phones"][0]["symbol"] == "p"
    child.say({"id": 4, "type": "score", "result_path": "/c.mov"})
    assert child.until(4)[-1]["score"]["total"] == 4.5
    child.say({"id": 5, "type": "generators"})
    assert child.until(5)[-1]["generators"][0]["name"] == "plate"


def test_a_failed_job_ends_in_an_error(daemon: Any, child: Child) -> None:
    child.say(HELLO)
    job_id = daemon.add_job("job")
    detail = errors_pb2.ErrorDetail(code=errors_pb2.ERROR_CODE_FACE, sentence="Nobody is there.")
    daemon.tell_state(job_id, job_pb2.JOB_STATE_FAILED, error=detail)
    child.say({"id": 1, "type": "watch", "job_id": job_id})
    last = child.until(1)[-1]
    assert (last["code"], last["sentence"], last["job"]["state"]) == ("FACE", "Nobody is there.", "failed")


def test_what_is_not_understood_is_answered(daemon: Any, child: Child) -> None:
    child.say({"id": 0, "type": "jobs"})
    assert child.until(0)[-1]["sentence"] == "Say hello first."
    for line in (
        b"nonsense\n",
        b"[1]\n",
        b"\xff\xfe\n",
        b"NaN\n",
        b"[" * 100_000 + b"\n",
        b'{"type": "info"}\n',
    ):
        child.say(line)
    child.say(b"\n   \n")
    child.say(b'"' + LINE_BYTES * b"x" + b'"\n')
    child.say(HELLO)
    child.say({"id": 1, "type": "dance"})
    assert "dance" in child.until(1)[-1]["sentence"]
    child.say({"id": 2, "type": "submit", "sync": {**SYNC, "clip": {"media": "/a"}}})
    assert child.until(2)[-1]["field"] == "sync.clip.media"
    child.say({"id": 3, "type": "job", "job_id": "nobody"})
    assert child.until(3)[-1]["code"] == "JOB_UNKNOWN"
    child.say({"id": True, "type": "info"})
    child.say({"id": 4, "type": "info"})
    child.until(4)
    assert len([line for line in child.told if line["id"] is None]) == 8
    assert child.close() == 0


def test_an_id_that_is_taken(daemon: Any, child: Child) -> None:
    child.say(HELLO)
    job_id = daemon.add_job("job")
    child.say({"id": 1, "type": "watch", "job_id": job_id})
    child.until(1, "state")
    child.say({"id": 1, "type": "info"})
    assert child.until(None)[-1]["field"] == "id"
    daemon.tell_state(job_id, job_pb2.JOB_STATE_DONE)
    assert child.until(1)[-1]["type"] == "done"


def test_versions_of_the_host(daemon: Any, child: Child) -> None:
    child.say({**HELLO, "protocol": 2})
    told = child.until("hi")[-1]
    assert told["code"] == "PROTOCOL" and "update Plosive" in told["sentence"]
    child.say({**HELLO, "id": "again"})
    assert child.until("again")[-1]["type"] == "done"
    child.say({**HELLO, "id": "third"})
    assert child.until("third")[-1]["type"] == "error"


def test_it_ends_with_its_host_while_a_job_runs(daemon: Any, child: Child) -> None:
    child.say(HELLO)
    job_id = daemon.add_job("job")
    child.say({"id": 1, "type": "watch", "job_id": job_id})
    child.until(1, "state")
    begun = time.monotonic()
    assert child.close() == 0
    assert time.monotonic() - begun < 3.0
    assert daemon.jobs[job_id].state == job_pb2.JOB_STATE_WAITING


def test_nobody_reads(daemon: Any, child: Child) -> None:
    child.say(HELLO)
    child.until("hi")
    reader = subprocess.Popen(
        [sys.executable, "-m", "plosive_client"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert reader.stdin is not None and reader.stdout is not None
    reader.stdout.close()
    reader.stdin.write(b"x\n")
    reader.stdin.flush()
    assert reader.wait(10.0) == 3
    reader.stdin.close()


def test_arguments_are_refused() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-m", "plosive_client", "--help"], capture_output=True, text=True, env=environment
    )
    assert (done.returncode, done.stdout) == (2, "")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["clip", "voices", "output", "style", "seed", "score", "range", "media_path", "keys", "first_frame"]
NESTED = st.recursive(JSON, lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=5))


@settings(max_examples=60, deadline=None)
@given(NESTED, st.sampled_from([given_class for given_class, _ in REQUESTS.values()]))
def test_any_json_is_taken_or_refused(data: Any, given_class: Any) -> None:
    data = parsed(json.dumps(data).encode())
    try:
        from_json(given_class, data)
    except InvalidRequest as error:
        assert str(error)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=60) | JSON.map(lambda data: json.dumps(data).encode()), max_size=5))
def test_any_line_is_answered(lines: list[bytes]) -> None:
    told: list[dict[str, Any]] = []
    Session(told.append).run(lines)
    assert len(told) == len(lines)
    assert {line["type"] for line in told} <= {"error"}
