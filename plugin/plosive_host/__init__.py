# SPDX-License-Identifier: Apache-2.0
"""What runs inside a host's Python: the standard library only, from Python 3.9 on."""
