"""Reads what Castaway shows of somebody else's feed."""

from dataclasses import dataclass
from xml.etree import ElementTree

MAX_LENGTH = 500


@dataclass(frozen=True)
class FeedItem:
    """An episode of a partner; ``guid`` is what the feed itself calls it."""

    guid: str
    title: str
    link: str


def parse(document, limit=5):
    """Return the first items of an RSS document; raises ElementTree.ParseError."""
    # The caller bounds the size, and expat (2.4.1 and later) what entities expand to.
    channel = ElementTree.fromstring(document).find("channel")  # noqa: S314
    items = [] if channel is None else channel.findall("item")[:limit]
    return [
        FeedItem(
            guid=(item.findtext("guid") or item.findtext("link", ""))[:MAX_LENGTH],
            title=item.findtext("title", "")[:MAX_LENGTH],
            link=_web(item.findtext("link", "")),
        )
        for item in items
    ]


def _web(link):
    # Somebody else's feed: a link of another kind (javascript:) would run on our page.
    return link if link.startswith(("https://", "http://")) and len(link) <= MAX_LENGTH else ""
