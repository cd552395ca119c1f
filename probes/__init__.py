"""Probe plug-ins: one module, one question. Installed as `netcheck.probes`, found through entry
points.
"""
