"""Reads what Castaway shows of somebody else's feed."""

from dataclasses import dataclass
from xml.etree import ElementTree


@dataclass(frozen=True)
class FeedItem:
    """An episode of a partner; ``guid`` is what the feed itself calls it."""

    guid: str
    title: str
    link: str


def parse(document, limit=5):
    """Return the first items of an RSS document; raises ElementTree.ParseError."""
    channel = ElementTree.fromstring(document).find("channel")
    items = [] if channel is None else channel.findall("item")[:limit]
    return [
        FeedItem(
            guid=item.findtext("guid") or item.findtext("link", ""),
            title=item.findtext("title", ""),
            link=item.findtext("link", ""),
        )
        for item in items
    ]
