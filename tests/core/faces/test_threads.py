# SPDX-License-Identifier: Apache-2.0
"""numpy multiplies in one thread while faces are looked at, and as before afterwards."""

from __future__ import annotations

import numpy as np  # its OpenBLAS is what is asked for
from threadpoolctl import threadpool_info

from plosive.faces.threads import single_products


def threads() -> list[int]:
    assert np.ones((2, 2)) @ np.ones(2) is not None
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_products_are_single_and_come_back() -> None:
    before = threads()
    with single_products():
        assert set(threads()) <= {1}
    assert threads() == before
