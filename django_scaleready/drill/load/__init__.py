"""Requests at a steady rate, from a process of its own; each is sent once and written down.

The client is ``http.client`` in threads. It never repeats a request by itself, as aiohttp and
urllib3 do unless told otherwise, and leaves the processor to what is measured.
"""
