# SPDX-License-Identifier: Apache-2.0
"""The dub of a reel: its sound, where somebody speaks in it, who, and in which words."""
