# SPDX-License-Identifier: Apache-2.0
"""The renders of a reel: found from earlier runs or made, one by one or several at once."""
