# SPDX-License-Identifier: Apache-2.0
"""How good a lip-synced picture is: measured again from its own frames, without any weights of ours."""
