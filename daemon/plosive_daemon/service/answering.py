# SPDX-License-Identifier: Apache-2.0
"""How a call that fails is answered: status, one sentence, and the detail in the trailing metadata."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import grpc

from plosive.errors import PlosiveError
from plosive_daemon.service.errors import detail_of, row_of

__all__ = ["ERROR_METADATA", "abort", "answering"]

ERROR_METADATA = "plosive-error-bin"
_LOG = logging.getLogger(__name__)


def abort(context: grpc.ServicerContext, error: BaseException, job_id: str = "") -> NoReturn:
    """End the call with what `error` means (plosive_daemon.service.errors.TABLE)."""
    detail = detail_of(error, job_id)
    context.set_trailing_metadata(((ERROR_METADATA, detail.SerializeToString()),))
    context.abort(row_of(error).status, detail.sentence)
    raise AssertionError("abort raises")


@contextmanager
def answering(context: grpc.ServicerContext, method: str, job_id: str = "") -> Iterator[None]:
    """Expected failures in the block become answers; others a traceback in the log and one sentence."""
    try:
        yield
    except PlosiveError as error:
        if row_of(error).code == "INTERNAL":
            _LOG.error("%s: %s", method, error, extra={"job_id": job_id})
        abort(context, error, job_id)
    except Exception as error:
        _LOG.exception("%s ran into a defect", method, extra={"job_id": job_id})
        abort(context, error, job_id)
