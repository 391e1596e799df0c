# SPDX-License-Identifier: Apache-2.0
"""What is measured in the dub itself: loudness, pitch, voice, breaths, colour."""
