# SPDX-License-Identifier: Apache-2.0
"""Still image files with a few samples changed and all their other bytes kept: DPX, TIFF, PNG, BMP, TGA.

Each patcher takes an `ImageEdit` and a path, and raises NotPatchableError for what it refuses.
"""
