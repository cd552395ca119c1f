"""A small world of network namespaces in which a software Photon meets each fault."""
