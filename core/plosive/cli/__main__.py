# SPDX-License-Identifier: Apache-2.0
"""`python -m plosive.cli` is `plosive`."""

from __future__ import annotations

import sys

from plosive.cli import main

if __name__ == "__main__":
    sys.exit(main())
