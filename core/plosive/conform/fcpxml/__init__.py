# SPDX-License-Identifier: Apache-2.0
"""FCPXML, which Final Cut Pro and Resolve write and read."""
