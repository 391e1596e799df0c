# SPDX-License-Identifier: Apache-2.0
"""How numpy shares out the processor while faces are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["single_products"]


@contextmanager
def single_products() -> Iterator[None]:
    """In the `with` block numpy multiplies matrices in the calling thread alone, whoever calls.

    Those of one face are small: OpenBLAS's threads spin for one another longer than they work, which takes
    cores from everything that runs beside (a third of all processor time on two cores). And a product does
    not depend on the number of cores in its last bits.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield
