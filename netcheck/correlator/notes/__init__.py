"""Explaining: which sentences belong to an answer, as ids with values, and their words.

Each module looks at what was seen and gives `Note`s; `notes.toml` has the words, and
`wording.sentence` joins the two. Nothing here changes a verdict, a cause or its level.
"""
