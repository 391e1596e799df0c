# SPDX-License-Identifier: Apache-2.0
"""The client of the daemon: Python API, and `python -m plosive_client` on standard input and output."""
