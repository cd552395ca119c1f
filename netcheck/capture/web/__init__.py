"""What web traffic in a capture shows of the network: login pages and proxies."""
