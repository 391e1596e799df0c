# SPDX-License-Identifier: Apache-2.0
"""Light on the lower face, frame by frame."""
