# SPDX-License-Identifier: Apache-2.0
"""The table of failures, both ways."""

from __future__ import annotations

import grpc
import pytest

from plosive import errors as core
from plosive.errors import PlosiveError
from plosive_daemon import store
from plosive_daemon.job import JobError
from plosive_daemon.service import errors
from plosive_daemon.service.errors import TABLE, detail_of, error_of, job_error_of, row_of
from plosive_proto.v1 import errors_pb2

EXPECTED = [
    getattr(module, name)
    for module in (core, store, errors)
    for name in module.__all__
    if isinstance(getattr(module, name), type) and issubclass(getattr(module, name), PlosiveError)
]


def made(kind: type[PlosiveError]) -> PlosiveError:
    return kind(JobError("DUB", "A sentence.")) if kind is errors.CallFailed else kind("A sentence.")  # type: ignore[arg-type]


def test_every_code_has_one_row_and_every_class_one_place() -> None:
    codes = [row.code for row in TABLE]
    known = [name.removeprefix("ERROR_CODE_") for name in errors_pb2.ErrorCode.keys()]  # noqa: SIM118 - no dict
    assert sorted(codes) == sorted(code for code in known if code != "UNSPECIFIED")
    classes = [kind for row in TABLE for kind in row.raised]
    assert len(classes) == len(set(classes))
    assert all(row.status is not grpc.StatusCode.OK for row in TABLE)


@pytest.mark.parametrize("kind", EXPECTED)
def test_there_and_back(kind: type[PlosiveError]) -> None:
    detail = detail_of(made(kind), "job")
    assert detail.sentence == "A sentence." and detail.job_id == "job"
    back = error_of(errors_pb2.ErrorDetail.FromString(detail.SerializeToString()))
    assert str(back) == "A sentence."
    assert row_of(back) is row_of(made(kind))
    assert detail_of(back).code == detail.code
    is_known = kind not in (PlosiveError, store.StoreFailed)
    assert (detail.code != errors_pb2.ERROR_CODE_INTERNAL) == is_known


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.code)
def test_every_code_comes_back(row: errors.Row) -> None:
    number = errors_pb2.ErrorCode.Value(f"ERROR_CODE_{row.code}")
    back = error_of(errors_pb2.ErrorDetail(code=number, sentence="S."))
    if row.raised:
        assert type(back) is row.raised[0] and row_of(back) is row


def test_a_code_of_the_stores_own_agrees_with_the_table() -> None:
    for name in store.__all__:
        kind = getattr(store, name)
        if hasattr(kind, "code"):
            assert row_of(kind("S.")).code == kind.code


def test_errors_of_no_known_class_carry_their_code() -> None:
    class DiskFull(PlosiveError):
        code = "DISK_FULL"

    assert row_of(DiskFull("Full.")).code == "DISK_FULL"
    assert row_of(RuntimeError("x")).code == "INTERNAL"


def test_a_defect_keeps_its_words_to_itself() -> None:
    error = job_error_of(RuntimeError("/home/someone/secret"))
    assert (error.code, "secret" in error.sentence) == ("INTERNAL", False)


def test_sentences_fit_into_metadata() -> None:
    detail = detail_of(core.MediaReadError("ä\n" * 9000))
    assert len(detail.SerializeToString()) < 2000 and "\n" not in detail.sentence
    assert detail.sentence.endswith("…")
