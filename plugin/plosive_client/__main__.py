# SPDX-License-Identifier: Apache-2.0
"""`python -m plosive_client`: JSON lines on standard input and output, for hosts (PROTOCOL.md)."""

from __future__ import annotations

import os
import signal
import sys
import traceback

from plosive_client.stdio.lines import LineWriter, lines_of
from plosive_client.stdio.session import Session

__all__ = ["main"]

CLOSED = 0
DEFECT = 1
USAGE = 2
NOBODY_READS = 3


def main() -> int:
    """Run until standard input closes; returns the exit code."""
    if len(sys.argv) > 1:
        print("python -m plosive_client takes no arguments; it reads JSON lines.", file=sys.stderr)
        return USAGE
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C in the host's terminal is the host's
    # What libraries print goes to standard error: standard output is the host's alone.
    ours = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    writer = LineWriter(ours, lambda: os._exit(NOBODY_READS))
    Session(writer.write).run(lines_of(sys.stdin.buffer))
    return CLOSED


if __name__ == "__main__":
    try:
        code = main()
    except Exception:
        traceback.print_exc(file=sys.stderr)
        code = DEFECT
    sys.stderr.flush()
    os._exit(code)  # grpc's threads have been seen to hang at exit; everything is closed and written
