# SPDX-License-Identifier: Apache-2.0
"""New mouths: the `Generator` protocol, the default `plate` generator, and those of installed packages."""

from __future__ import annotations

from plosive.generate.registry import Offer, find_generator, offered_generators

__all__ = ["Offer", "find_generator", "offered_generators"]
