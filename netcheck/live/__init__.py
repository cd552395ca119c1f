"""The live path: find probes, run them, hand them the one door to the network."""
