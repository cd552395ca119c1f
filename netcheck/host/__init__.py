"""This computer: interfaces, routes, neighbours, resolvers, Wi-Fi, its own lease. Asks the system,
sends nothing.
"""
