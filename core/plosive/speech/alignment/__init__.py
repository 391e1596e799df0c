# SPDX-License-Identifier: Apache-2.0
"""Words and sounds placed in the dub: the aligner, and what to do where it fails."""
