# SPDX-License-Identifier: Apache-2.0
"""Landmarks made steady after the pass: tied to the picture, smoothed without lag, and put in centimetres."""
