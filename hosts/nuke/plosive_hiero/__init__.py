# SPDX-License-Identifier: Apache-2.0
"""Lip Sync Clip in Nuke Studio and Hiero: on the right-click menus of timeline, bin and spreadsheet.

Standard library and plosive_host only; `hiero` and Qt come from the host. What is taken for granted of its
API, and where that is known from, stands in docs/hiero.md and in the modules that use it.
"""

from __future__ import annotations

import sys

__all__ = ["LOG_NAME"]

LOG_NAME = "hiero"

if sys.version_info < (3, 9):
    raise ImportError("Plosive needs Nuke Studio or Hiero 14 or later.")
