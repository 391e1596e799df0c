# SPDX-License-Identifier: Apache-2.0
"""Which tracks show one person: how faces look, how alike they are, and the saved cast."""
