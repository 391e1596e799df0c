# SPDX-License-Identifier: Apache-2.0
"""The media of an edit: what the edit says of it, where it lies here, by which clock it counts."""
