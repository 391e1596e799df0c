# SPDX-License-Identifier: Apache-2.0
"""What is said, as somebody wrote it down: transcripts, subtitles and timings read, words made sounds."""
