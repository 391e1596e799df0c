# SPDX-License-Identifier: Apache-2.0
"""AAF, which Media Composer writes and reads."""
