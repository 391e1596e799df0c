# SPDX-License-Identifier: Apache-2.0
"""The contract as Python: generated from proto/plosive/v1 by proto/generate.py, never edited."""
