"""Notes beside a diagnosis: what the place of the witness, or the way it was asked, lets be
said.
"""
