"""Commands about cases beside each other: `netcheck compare` and `netcheck verify`."""
