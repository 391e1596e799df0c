# SPDX-License-Identifier: Apache-2.0
"""Between the picture as coded, the working encoding, and scene-linear light."""
