"""How often netcheck is right: every labelled input of the project, and what comes of it."""
