# SPDX-License-Identifier: Apache-2.0
"""Times of edits, exact: rates, speeds, which frame shows when."""
