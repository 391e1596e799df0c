# SPDX-License-Identifier: Apache-2.0
"""Work outside the daemon's own process: a crash or a leak there ends one try of one job, nothing else."""
