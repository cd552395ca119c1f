"""Stand-ins for the two ends of the connection under test: a software Photon and a local cloud."""
