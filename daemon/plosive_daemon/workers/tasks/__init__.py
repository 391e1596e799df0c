# SPDX-License-Identifier: Apache-2.0
"""What a worker can do, a module for each kind of request. Imported in worker processes only."""
