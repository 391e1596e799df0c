# SPDX-License-Identifier: Apache-2.0
"""Workers and service call every expected failure by the same code."""

from __future__ import annotations

import pytest

from plosive import errors
from plosive_daemon.failure_codes import FAILURE_CODES, code_named
from plosive_daemon.service.errors import TABLE, PathRefused, job_error_of
from plosive_daemon.workers.failures import error_of
from plosive_proto.v1 import errors_pb2

KINDS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.PlosiveError)
]


@pytest.mark.parametrize("kind", KINDS)
def test_codes_agree(kind: type[errors.PlosiveError]) -> None:
    failure = kind("The plate is not there.")
    in_worker, in_service = error_of(failure), job_error_of(failure)
    assert in_worker == in_service
    assert in_worker.sentence == "The plate is not there."


def test_every_code_of_the_contract_is_known() -> None:
    told = {name.removeprefix("ERROR_CODE_") for name in errors_pb2.ErrorCode.DESCRIPTOR.values_by_name} - {
        "UNSPECIFIED"
    }
    assert {code.name for code in FAILURE_CODES} == told == {row.code for row in TABLE}
    assert code_named("NEWER_THAN_THIS").name == "INTERNAL"


def test_a_code_that_an_error_carries_itself_is_its_own() -> None:
    refused = PathRefused("Not under a root.", "sync.clip.media_path")
    told = error_of(refused)
    assert (told.code, told.field, told.is_retryable) == ("PATH_REFUSED", "sync.clip.media_path", False)
    assert told == job_error_of(refused)
