"""The pcapng files that netcheck writes: recordings, and the evidence of an answer."""
