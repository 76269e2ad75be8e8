"""Where code hands a message to a broker or a queue service by itself: RabbitMQ, SQS, SNS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django_scaleready.checks.code.tree.syntax import written

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.scopes import Site

# pika's own word; the others are said of chats and of pages, too.
_PIKA = "basic_publish"
PUBLISHES = frozenset({_PIKA, "publish", "send_message", "send_message_batch"})
_PACKAGES = frozenset({"boto3", "aioboto3", "kombu", "pika"})
# What SQS, SNS and kombu are told by name, and what a client of a queue is called.
_TOLD = frozenset({"Entries", "MessageBody", "QueueUrl", "TargetArn", "TopicArn", "routing_key"})
# SNS also sends text messages: these say all.
_PHONE = "PhoneNumber"
_QUEUE = re.compile(r"(?:^|_)(?:sqs|sns)(?:_|$)|broker|queue", re.IGNORECASE)


def published(module: Module) -> list[Site]:
    """Return where a message is published: by pika, or as boto3 and kombu are told to."""
    if PUBLISHES.isdisjoint(module.mentions):
        return []
    return [
        site
        for site in module.calls_that_run(*PUBLISHES)
        if written(site.call.func).endswith(f".{_PIKA}") or _is_queues(site, module)
    ]


def _is_queues(site: Site, module: Module) -> bool:
    """Whether what is called is of a queue, by what it is told or, if given a whole, its name."""
    told = {keyword.arg for keyword in site.call.keywords}
    if _PHONE in told or not _TOLD.isdisjoint(told):
        return _PHONE not in told
    owner = written(getattr(site.call.func, "value", site.call.func))
    knows = "queue_name" in told or not _PACKAGES.isdisjoint(module.roots)
    return knows and _QUEUE.search(owner) is not None
