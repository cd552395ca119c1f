"""Wi-Fi scenarios in a throw-away virtual machine: hostapd and wpa_supplicant on radios that the
kernel simulates, recorded by a monitor interface.
"""
