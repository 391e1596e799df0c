# SPDX-License-Identifier: Apache-2.0
"""What a reel comes to: outcomes, the conformed edit's files, the report."""
