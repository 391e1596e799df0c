# SPDX-License-Identifier: Apache-2.0
"""How fast and how large: a job's stages, the floor no job can beat, and peak memory."""

from __future__ import annotations
