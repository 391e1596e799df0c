# SPDX-License-Identifier: Apache-2.0
"""JSON lines on standard input and output, for hosts (PROTOCOL.md)."""
