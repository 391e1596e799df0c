# SPDX-License-Identifier: Apache-2.0
"""Writes lock.txt anew from pyproject.toml: `pip install uv`, then `python requirements/relock.py`.

One lock serves Python 3.10 to 3.12 on Linux, macOS and Windows; markers pick the lines that apply.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE / "lock.txt"

HEADER = """\
# Every package of the core and of its development, at the version that was tested together.
# Written by requirements/relock.py from pyproject.toml; do not edit by hand.
#
# Left out on purpose: the CUDA libraries (nvidia-*, cuda-*, triton) that torch's Linux wheel asks for.
# torch names their exact versions itself, so pip brings the right ones with it; a CPU-only torch wheel
# (2.13.0+cpu satisfies torch==2.13.0) needs none of them, and listing them here would force them on it.

"""

LEFT_OUT = re.compile(r"(nvidia-|cuda-|triton\b)")


def main() -> int:
    command = [sys.executable, "-m", "uv", "pip", "compile", "--universal", "--python-version", "3.10"]
    command += ["--no-header", "--no-annotate", "--extra", "daemon", "--extra", "dev", "pyproject.toml"]
    found = subprocess.run(command, cwd=HERE.parent, check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = [line for line in found.splitlines() if not LEFT_OUT.match(line)]
    LOCK.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print(f"{len(lines)} packages locked in {LOCK}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
