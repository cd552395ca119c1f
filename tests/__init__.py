"""The tests and what they share: a package, so that each module has one name in every process."""
