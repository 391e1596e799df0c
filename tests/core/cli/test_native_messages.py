# SPDX-License-Identifier: Apache-2.0
"""Native chatter is kept off stderr, our own sentences are not. Tried in a process of its own."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import os, sys
from plosive.cli.native_messages import native_messages_kept
with native_messages_kept() as kept:
    os.write(2, b"W0000 chatter\\n")
    print("our sentence", file=sys.stderr)
    assert kept() == "W0000 chatter\\n", kept()
os.write(2, b"after\\n")
print("again", file=sys.stderr)
"""


def test_only_our_own_words_reach_stderr() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["our sentence", "after", "again"]
