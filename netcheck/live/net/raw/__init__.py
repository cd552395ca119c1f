"""What needs whole Ethernet frames, and so a right: ARP, DHCP, another MAC, and listening."""
