# SPDX-License-Identifier: Apache-2.0
"""Workers and service call every expected failure by the same code."""

from __future__ import annotations

import pytest

from plosive import errors
from plosive_daemon.service.errors import job_error_of
from plosive_daemon.workers.failures import error_of

KINDS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.PlosiveError)
]


@pytest.mark.parametrize("kind", KINDS)
def test_codes_agree(kind: type[errors.PlosiveError]) -> None:
    failure = kind("The plate is not there.")
    in_worker, in_service = error_of(failure), job_error_of(failure)
    assert in_worker.code == in_service.code
    assert in_worker.sentence == in_service.sentence == "The plate is not there."
