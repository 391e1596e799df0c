# SPDX-License-Identifier: Apache-2.0
"""The gRPC face of the daemon: who may ask, what a request means, and how an answer or a refusal is told."""
