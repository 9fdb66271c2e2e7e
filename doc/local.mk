# SPDX-License-Identifier: ISC
#
# What is to be read beside the manual; tests/tree/tutorial.t holds it to the
# sources.

dist_doc_DATA += doc/tutorial.md
