# SPDX-License-Identifier: Apache-2.0
"""How the compiled modules of this package are compiled; import it, and them, inside functions only.

numba's cache on disk notices changes of a function's own file only: compiled functions of one module
call none of another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["compiled", "compiled_in_any_order", "leading_zeros"]

Compiled = TypeVar("Compiled", bound=Callable[..., Any])


def compiled(function: Compiled) -> Compiled:
    """To machine code at the first call, kept on disk; runs without the interpreter's lock."""
    return _compiled(function)


def compiled_in_any_order(function: Compiled) -> Compiled:
    """The same; floats may be added in the order that is fastest on the processor."""
    return _compiled(function, fastmath={"reassoc", "nsz"})


def _compiled(function: Compiled, **options: Any) -> Compiled:
    try:
        return cast(Compiled, njit(cache=True, nogil=True, **options)(function))
    except RuntimeError:  # neither this folder nor the user's cache folder may be written to
        return cast(Compiled, njit(nogil=True, **options)(function))


def _count_leading_zeros(typing_context: Any, value: Any) -> tuple[Any, Any]:
    """How numba compiles `leading_zeros`."""

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.ctlz(values[0], cgutils.false_bit)

    return value(value), code


leading_zeros: Any = intrinsic(_count_leading_zeros)
"""In compiled code: zero bits before the highest one of an int64 (64 for 0), the processor's instruction."""
