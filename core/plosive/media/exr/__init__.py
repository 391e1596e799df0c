# SPDX-License-Identifier: Apache-2.0
"""OpenEXR files changed chunk by chunk, with all their other bytes kept."""
