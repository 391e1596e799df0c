# SPDX-License-Identifier: Apache-2.0
"""The local service that queues sync jobs and runs them in worker processes."""
