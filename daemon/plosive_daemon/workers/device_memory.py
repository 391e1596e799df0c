# SPDX-License-Identifier: Apache-2.0
"""Whether a GPU has room for a job at all.

That a face fits is decided in the core, face by face (`plosive.sync.sparing`: the generator is asked what it
takes, what does not fit runs on the CPU, and that is said). What is asked here comes before: a GPU that
others have filled up has no room even for CUDA's own context and PyTorch's kernels.
"""

from __future__ import annotations

from plosive_daemon.workers.session import Session

__all__ = ["roomy_device"]

_LEAST_FREE_BYTES = 1 << 30


def roomy_device(device: str, session: Session) -> str:
    """`device` (cpu, cuda, or auto: the GPU where there is one); or cpu, and a warning, where that GPU has
    less than 1 GiB free or cannot be asked.
    """
    if device == "cpu":
        return device
    import torch

    if device == "auto" and not torch.cuda.is_available():
        return "cpu"
    try:
        free, _ = torch.cuda.mem_get_info()
    except (RuntimeError, AssertionError) as error:
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else "no reason was given"
        session.warn(f"This job runs on the CPU, which is slower: the GPU cannot be used ({reason}).")
        return "cpu"
    if free < _LEAST_FREE_BYTES:
        session.warn(
            f"This job runs on the CPU, which is slower: the GPU has {free >> 20} MB free; close other "
            "programs that use it."
        )
        return "cpu"
    return device
