# SPDX-License-Identifier: Apache-2.0
"""What an artist chooses for single shots: a sheet, ranges, markers."""
