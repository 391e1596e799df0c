# SPDX-License-Identifier: Apache-2.0
"""The conformed edit: made from the timeline, laid flat for other formats, written."""
