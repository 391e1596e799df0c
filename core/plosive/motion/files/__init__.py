# SPDX-License-Identifier: Apache-2.0
"""Motion as files that people and programs edit."""
