"""What tests share: notations, stand-ins and builders. Imported as `tests.helpers.NAME` and in no
other way.
"""
