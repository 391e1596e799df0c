# SPDX-License-Identifier: Apache-2.0
"""Results in which compressed pictures of the plate stand beside new ones, in one track.

Where `plan` says so, `writer` copies the plate's packets and has the frames between compressed. `codec` knows
what each codec asks for, `trial` tries a seam before the work, `check` reads the result back.
"""
