# SPDX-License-Identifier: Apache-2.0
"""Final Cut Pro 7 XML, which Premiere writes and reads."""
