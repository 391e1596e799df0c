# SPDX-License-Identifier: Apache-2.0
"""Plosive changes what a mouth says and nothing else.

Read the packages in this order: media, speech, motion, faces, generate, composite, then `sync`,
which joins them.
"""

from __future__ import annotations

__version__ = "0.1.0"
