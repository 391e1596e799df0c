# SPDX-License-Identifier: Apache-2.0
"""What covers a face: hands, microphones, text and other things between the lens and the mouth."""
