# SPDX-License-Identifier: Apache-2.0
"""What the demo plays with: a spoken line made by us (see README.md beside this file)."""
