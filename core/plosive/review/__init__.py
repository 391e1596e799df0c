# SPDX-License-Identifier: Apache-2.0
"""Pictures for people to judge by: contact sheets, and plate and result side by side."""

from __future__ import annotations
