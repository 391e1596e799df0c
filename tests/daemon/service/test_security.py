# SPDX-License-Identifier: Apache-2.0
"""Nobody without the token gets in, and nothing that is sent kills the daemon.

`PLOSIVE_FUZZ_CASES=10000 pytest tests/daemon/service/test_security.py` tries more.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import threading
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from plosive.errors import OptionError
from plosive_daemon.service.authentication import Authentication
from plosive_daemon.service.tls import credentials, place_of
from plosive_daemon.settings import DaemonSettings
from plosive_proto.v1 import errors_pb2, info_pb2, job_pb2, plosive_pb2

CASES = int(os.environ.get("PLOSIVE_FUZZ_CASES", "400"))
METHODS = plosive_pb2.DESCRIPTOR.services_by_name["Plosive"].methods
OUR_CODES = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
}


def without(metadata: Any, name: str) -> tuple[tuple[str, str], ...]:
    return tuple(item for item in metadata if item[0] != name)


def raw(running: Any, method: Any, data: bytes, metadata: Any) -> grpc.StatusCode:
    """Send bytes as they are; the status that came back."""
    path = f"/plosive.v1.Plosive/{method.name}"
    kind = running.channel.unary_stream if method.server_streaming else running.channel.unary_unary
    call = kind(path, request_serializer=None, response_deserializer=None)
    try:
        answer = call(data, metadata=metadata, timeout=10)
        if method.server_streaming:
            next(answer, None)
            answer.cancel()
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def is_well(running: Any) -> bool:
    return bool(running.call("GetInfo", info_pb2.GetInfoRequest()).protocol_major == 1)


BAD_TOKENS: list[tuple[tuple[str, str | bytes], ...]] = [
    (),
    (("authorization", ""),),
    (("authorization", "Bearer "),),
    (("authorization", "Bearer " + "t" * 42),),
    (("authorization", "Bearer " + "t" * 44),),
    (("authorization", "bearer " + "t" * 43),),
    (("authorization", "t" * 43),),
    (("authorization", "Basic " + "t" * 43),),
    (("authorization", "Bearer " + "T" * 43),),
    (("authorization", "Bearer " + "t" * 43), ("authorization", "Bearer x")),
    (("authorization-bin", b"Bearer " + b"t" * 43),),
    (("cookie", "authorization=Bearer " + "t" * 43),),
]


@pytest.mark.parametrize("shown", BAD_TOKENS, ids=range(len(BAD_TOKENS)))
def test_no_call_without_the_token(running: Any, shown: Any) -> None:
    metadata = (*without(running.metadata, "authorization"), *shown)
    for method in METHODS:
        assert raw(running, method, b"", metadata) is grpc.StatusCode.UNAUTHENTICATED, method.name
        assert raw(running, method, b"\xff" * 99, metadata) is grpc.StatusCode.UNAUTHENTICATED
    health = health_pb2_grpc.HealthStub(running.channel)
    reflection = reflection_pb2_grpc.ServerReflectionStub(running.channel)
    asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    for call in (
        lambda: health.Check(health_pb2.HealthCheckRequest(), metadata=metadata, timeout=10),
        lambda: list(health.Watch(health_pb2.HealthCheckRequest(), metadata=metadata, timeout=10)),
        lambda: list(reflection.ServerReflectionInfo(asked, metadata=metadata, timeout=10)),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            call()
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert running.store.counts() and not any(running.store.counts().values())


def test_an_unknown_method_tells_strangers_nothing(running: Any) -> None:
    call = running.channel.unary_unary("/plosive.v1.Plosive/Format", None, None)
    for metadata, status in (
        ((), grpc.StatusCode.UNAUTHENTICATED),
        (running.metadata, grpc.StatusCode.UNIMPLEMENTED),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            call(b"", metadata=metadata, timeout=10)
        assert caught.value.code() is status


def test_strangers_hold_no_threads(running: Any) -> None:
    """Calls that never send their message would each keep a thread, were they let in."""
    hold = threading.Event()

    def never() -> Any:
        hold.wait(20)
        yield b""

    reflection = running.channel.stream_stream(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", None, None
    )
    calls = [reflection(never(), metadata=(), timeout=10) for _ in range(80)]  # more than there are threads
    for call in calls:
        with pytest.raises(grpc.RpcError) as caught:
            next(call)
        assert caught.value.code() in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.RESOURCE_EXHAUSTED)
    assert is_well(running)
    hold.set()


def test_health_and_reflection_with_the_token(running: Any) -> None:
    metadata = without(running.metadata, "plosive-protocol")
    health = health_pb2_grpc.HealthStub(running.channel)
    for name in ("", "plosive.v1.Plosive"):
        answer = health.Check(health_pb2.HealthCheckRequest(service=name), metadata=metadata, timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    reflection = reflection_pb2_grpc.ServerReflectionStub(running.channel)
    (told,) = reflection.ServerReflectionInfo(asked, metadata=metadata, timeout=10)
    assert "plosive.v1.Plosive" in {service.name for service in told.list_services_response.service}


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ("2", "start the daemon again"),
        ("0", "update the client"),
        ("", "must say its own"),
        ("x", "must say"),
    ],
)
def test_other_versions_get_a_sentence(running: Any, version: str, says: str) -> None:
    metadata = (*without(running.metadata, "plosive-protocol"), ("plosive-protocol", version))
    status, detail = running.refused("ListJobs", job_pb2.ListJobsRequest(), metadata)
    assert status is grpc.StatusCode.FAILED_PRECONDITION
    assert detail.code == errors_pb2.ERROR_CODE_PROTOCOL and says in detail.sentence
    assert running.call("GetInfo", info_pb2.GetInfoRequest(), metadata).protocol_major == 1
    status, _ = running.refused("GetInfo", info_pb2.GetInfoRequest(), metadata[1:])
    assert status is grpc.StatusCode.UNAUTHENTICATED


def test_a_long_client_name(running: Any) -> None:
    metadata = (*without(running.metadata, "plosive-client"), ("plosive-client", "n" * 65))
    assert running.refused("ListJobs", job_pb2.ListJobsRequest(), metadata)[0] is (
        grpc.StatusCode.INVALID_ARGUMENT
    )


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr(
        "plosive_daemon.service.authentication.hmac.compare_digest",
        lambda one, other: seen.append((one, other)) or False,
    )

    class Details:
        method = "/plosive.v1.Plosive/GetInfo"
        invocation_metadata = (("authorization", "Bearer ü"),)

    Authentication("token", lambda method, error: None, lambda: None).intercept_service(None, Details())
    assert seen == [("Bearer ü".encode(), b"Bearer token")]
    with pytest.raises(ValueError, match="everybody"):
        Authentication("", lambda method, error: None, lambda: None)


def test_too_large_a_message(running: Any) -> None:
    request = job_pb2.SubmitJobRequest()
    request.sync.voices.add().transcript = "x" * (2 << 20)
    with pytest.raises(grpc.RpcError) as caught:
        running.call("SubmitJob", request)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert is_well(running)


def test_too_many_and_too_long_items(running: Any) -> None:
    long = running.job_request(label="l" * 201)
    assert running.refused("SubmitJob", long)[1].field == "label"
    broken = running.job_request(label="two\nlines")
    assert running.refused("SubmitJob", broken)[1].field == "label"
    voices = running.job_request()
    for _ in range(16):
        voices.sync.voices.add().dub_path = "/x"
    assert running.refused("SubmitJob", voices)[1].field == "sync.voices"
    for _ in range(50):
        running.call("SubmitJob", running.job_request())
    status, detail = running.refused("SubmitJob", running.job_request())
    assert status is grpc.StatusCode.RESOURCE_EXHAUSTED and detail.code == errors_pb2.ERROR_CODE_BUSY


def test_random_bytes_and_mutated_messages(running: Any) -> None:
    """Refused as an invalid request, never as a defect (INTERNAL)."""
    chance = random.Random(8)
    good = running.job_request(label="x", idempotency_key="").SerializeToString()
    counts: dict[grpc.StatusCode, int] = {}
    for case in range(CASES):
        if case % 4 == 0:
            data = chance.randbytes(chance.randrange(0, 400))
        else:
            changed = bytearray(good)
            for _ in range(chance.randrange(1, 6)):
                kind, place = chance.randrange(3), chance.randrange(len(changed))
                if kind == 0:
                    changed[place] = chance.randrange(256)
                elif kind == 1:
                    del changed[place : place + chance.randrange(1, 20)]
                else:
                    changed[place:place] = chance.randbytes(chance.randrange(1, 20))
                changed = changed or bytearray(b"\0")
            data = bytes(changed)
        method = chance.choice(METHODS) if case % 2 else next(m for m in METHODS if m.name == "SubmitJob")
        status = raw(running, method, data, running.metadata)
        counts[status] = counts.get(status, 0) + 1
        assert status in OUR_CODES | {grpc.StatusCode.OK}, (method.name, data, status)
        if status is grpc.StatusCode.OK and method.name == "SubmitJob":
            for job in running.store.page(size=500)[0]:
                running.store.cancel(job.id)
                running.store.remove(job.id)
    assert is_well(running)
    assert sum(counts.values()) == CASES


def test_bytes_that_are_no_http(running: Any) -> None:
    host, _, port = running.address.rpartition(":")
    chance = random.Random(3)
    for data in (
        b"GET / HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + chance.randbytes(500),
        b"\0" * 99,
    ):
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(data)
            connection.settimeout(0.2)
            with contextlib.suppress(TimeoutError, ConnectionError):
                assert b"200" not in connection.recv(100)
    assert is_well(running)


@pytest.mark.parametrize(
    "address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:1", "render01:7000", "localhost.evil:1"]
)
def test_other_machines_need_tls(address: str, tmp_path: Path) -> None:
    place = place_of(address, None)
    assert not place.is_loopback
    with pytest.raises(OptionError, match="--tls-client-ca"):
        credentials(place, DaemonSettings())
    pem = tmp_path / "x.pem"
    pem.write_text("-----BEGIN CERTIFICATE-----\n")
    with pytest.raises(OptionError, match="--tls-client-ca"):
        credentials(place, DaemonSettings(tls_certificate=pem, tls_key=pem))


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("", "127.0.0.1:0"),
        ("127.0.0.1:5", "127.0.0.1:5"),
        ("localhost:5", "127.0.0.1:5"),
        ("[::1]:5", "[::1]:5"),
    ],
)
def test_loopback(address: str, where: str) -> None:
    place = place_of(address, None)
    assert (place.address, place.is_loopback, credentials(place, DaemonSettings())) == (where, True, None)


@pytest.mark.parametrize(
    "address", ["host", "127.0.0.1", "1.2.3.4:99999", "::1:5", "unix:relative", "http://x:1"]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(OptionError):
        place_of(address, None)
