"""Bytes on the wire, one codec each: link types, frames and messages, kernel filters. Pure."""
