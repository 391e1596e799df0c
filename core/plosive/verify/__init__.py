# SPDX-License-Identifier: Apache-2.0
"""Proves from two files alone what is the same in them and what differs, however the second was made.

Nothing here writes, and nothing here uses the code that patches: bytes are compared as they lie in the files,
decoded samples come from FFmpeg and OpenImageIO.
"""
