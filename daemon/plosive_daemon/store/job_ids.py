# SPDX-License-Identifier: Apache-2.0
"""Names of jobs: 26 characters that rise with time, as ULIDs (github.com/ulid/spec) do."""

from __future__ import annotations

import secrets

__all__ = ["is_job_id", "job_id_after"]

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
_LENGTH = 26
_RANDOM_BITS = 80
_MOST = (1 << 128) - 1


def job_id_after(previous: str, unix_ms: int) -> str:
    """A new name: 48 bits of time and 80 random ones, and above `previous` (empty: none) even where the clock
    was set back: then it is `previous` and a random step.
    """
    made = (max(0, unix_ms) & ((1 << 48) - 1)) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    if previous:
        made = max(made, _number(previous) + 1 + secrets.randbits(32))
    if made > _MOST:
        raise OverflowError("no job name is left above the one before")
    return "".join(_DIGITS[made >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def is_job_id(name: object) -> bool:
    """Whether it is made as a name of a job is."""
    return isinstance(name, str) and len(name) == _LENGTH and not set(name) - set(_DIGITS)


def _number(name: str) -> int:
    number = 0
    for digit in name:
        number = number << 5 | _DIGITS.index(digit)
    return number
