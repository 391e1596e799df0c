# SPDX-License-Identifier: Apache-2.0
"""Edit lists (CMX 3600)."""
