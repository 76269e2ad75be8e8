"""Requests at a steady rate, from a process of its own; each is sent once and written down.

The client is ``http.client`` in threads: of httpx, httpcore, aiohttp, urllib3, h11 and http.client
the last took the least CPU for a request on a kept connection (83 µs, aiohttp 114, httpx 1,726), and
it never repeats one by itself, as aiohttp and urllib3 do by default. The machine that is measured is
the one that measures.
"""
