"""What an access point says of itself, and whether a Photon's radio can join it; pure, for captures
and live scans alike.
"""
