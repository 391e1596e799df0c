# SPDX-License-Identifier: Apache-2.0
"""Who says what in a job: sound taken apart (line), understood (voice), and given to faces (casting)."""
