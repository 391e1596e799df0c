# SPDX-License-Identifier: Apache-2.0
"""Finding faces while frames stream by: detection, landmarks, shot cuts, and tracks."""

from __future__ import annotations
