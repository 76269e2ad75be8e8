"""Clients that wait for ever unless they are told otherwise.

Those of one service, over HTTP, hand their sockets a time-out of None, so for them
``socket.setdefaulttimeout()`` does not count.
"""

from __future__ import annotations

from typing import NamedTuple


class Service(NamedTuple):
    """How a client is given a time-out; each was read in the package's own source."""

    # The keywords that bring one.
    keywords: str = ""
    hint: str = "Pass timeout=10 (seconds)."
    # The position at which it may stand without its name.
    position: int | None = None
    # What a file says that gives it one later.
    later: bytes = b""


_NO_WAY = Service(
    hint="It cannot be given one: ask the service with requests and timeout=10 (seconds)."
)
_GENERATED = Service(
    hint="Pass _request_timeout=10 (seconds) to each call.", later=b"_request_timeout"
)
_SESSION = Service("session", "Pass a session with an adapter that brings a timeout.")
_SHEETS = Service(
    "http_client", "Call set_timeout(10) (seconds) of what it returns.", later=b".set_timeout("
)
_MOUNTED = Service(hint="Mount an adapter that brings a timeout on its session.", later=b".mount(")
_PAYPAL = Service(hint="Use an Api of your own, whose http_call() passes timeout=10 (seconds) on.")
_MSAL = Service("timeout http_client")
_SWIFT = Service("session timeout")
# langchain's, which hand what they are made with to a client of Ollama.
_OLLAMA = Service(
    "client_kwargs sync_client_kwargs", 'Pass client_kwargs={"timeout": 60} (seconds).'
)
_OLLAMA_ALONE = Service(hint="Ask a client that is made with ollama.Client(timeout=60) (seconds).")
_WEBHOOK = Service("timeout", later=b".timeout = ")
# One that is given a client of its API is as that was made.
_CLUSTER = _GENERATED._replace(keywords="api_client", position=0)
_SUFFIXES = Service(
    "cache_fetch_timeout suffix_list_urls",
    "Make a TLDExtract(cache_fetch_timeout=5) (seconds) once, or with suffix_list_urls=().",
)
# Its clients of which most are made.
_CLUSTERS = (
    *("AppsV1Api", "BatchV1Api", "CoreV1Api", "CustomObjectsApi", "NetworkingV1Api"),
    *("RbacAuthorizationV1Api", "VersionApi"),
)

SERVICES = {
    "O365.Account": Service("timeout"),
    "asana.ApiClient": _GENERATED,
    "bugzilla.Bugzilla": Service(
        "requests_session", "Pass a requests_session with an adapter that brings a timeout."
    ),
    "clamd.ClamdNetworkSocket": Service("timeout", position=2),
    "consul.Consul": _MOUNTED._replace(
        hint="Mount an adapter that brings a timeout on its http.session."
    ),
    "exponent_server_sdk.PushClient": Service("session timeout"),
    "discord_webhook.DiscordWebhook": _WEBHOOK,
    "discord_webhook.DiscordWebhook.create_batch": _WEBHOOK,
    "discord_webhook.webhook.DiscordWebhook": _WEBHOOK,
    "docusign_esign.ApiClient": _GENERATED,
    "facebook.GraphAPI": Service("timeout session", position=1),
    "gitlab.Gitlab": Service("timeout"),
    "google.genai.Client": Service(
        "http_options",
        "Pass http_options=HttpOptions(timeout=10_000) (milliseconds).",
        later=b"timeout",
    ),
    "googlemaps.Client": Service(
        "timeout connect_timeout read_timeout requests_kwargs", position=3
    ),
    "gspread.authorize": _SHEETS,
    "gspread.service_account": _SHEETS,
    "gspread.service_account_from_dict": _SHEETS,
    "hubspot.Client": _GENERATED,
    "hubspot.Client.create": _GENERATED,
    "hubspot.HubSpot": _GENERATED,
    "influxdb.InfluxDBClient": Service("timeout"),
    "jira.JIRA": Service("timeout"),
    "jira.client.JIRA": Service("timeout"),
    # A session of one's own has a time-out of its own.
    "kinto_http.Client": Service("session timeout"),
    **{f"kubernetes.client.{name}": _CLUSTER for name in _CLUSTERS},
    "kubernetes.client.ApiClient": _GENERATED,
    **{
        f"{module}.{name}": Service("timeout")
        for module, name in (
            *(
                ("langchain_community.llms", "Ollama"),
                ("langchain_community.llms.ollama", "Ollama"),
            ),
            ("langchain_community.chat_models", "ChatOllama"),
            ("langchain_community.chat_models.ollama", "ChatOllama"),
        )
    },
    "langchain_ollama.ChatOllama": _OLLAMA,
    "langchain_ollama.OllamaEmbeddings": _OLLAMA,
    "langchain_ollama.OllamaLLM": _OLLAMA,
    "mailchimp.Mailchimp": _NO_WAY,
    "mailchimp3.MailChimp": Service("timeout", position=4),
    "mailmanclient.Client": Service(
        "request_hooks",
        'Pass request_hooks=[lambda call: {**call, "timeout": 10}] (seconds).',
        position=3,
        later=b".add_hooks(",
    ),
    "mandrill.Mandrill": _NO_WAY,
    "meilisearch.Client": Service("timeout", position=2),
    "mixpanel.Mixpanel": Service(
        "consumer", "Pass consumer=Consumer(request_timeout=10) (seconds).", position=1
    ),
    "moodle.Moodle": _MOUNTED,
    "msal.ConfidentialClientApplication": _MSAL,
    "msal.PublicClientApplication": _MSAL,
    "mwoauth.Handshaker": _NO_WAY,
    "mwoauth.complete": _NO_WAY,
    "mwoauth.identify": _NO_WAY,
    "mwoauth.initiate": _NO_WAY,
    "ollama.Client": Service("timeout"),
    **{f"ollama.{name}": _OLLAMA_ALONE for name in ("chat", "embed", "embeddings", "generate")},
    "owncloud.Client": _MOUNTED._replace(
        hint="In a login() of your own, mount an adapter that brings a timeout on its _session."
    ),
    "paypalrestsdk.Api": _PAYPAL,
    "paypalrestsdk.configure": _PAYPAL,
    "postmarker.core.PostmarkClient": Service("timeout"),
    "pyclamd.ClamdNetworkSocket": Service("timeout", position=2),
    "pycvesearch.CVESearch": Service("timeout", position=2),
    "pyixapi.api": _MOUNTED._replace(
        hint="Mount an adapter that brings a timeout on its http_session."
    ),
    "pykismet3.Akismet": _NO_WAY,
    "pynetbox.api": _MOUNTED._replace(
        hint="Mount an adapter that brings a timeout on its http_session."
    ),
    "pywebpush.webpush": Service("timeout requests_session", position=6),
    "razorpay.Client": _SESSION._replace(later=b"timeout"),
    # What its requests= holds is set on the session, which heeds no timeout of its own.
    "redminelib.Redmine": Service(
        "requests",
        "Mount an adapter that brings a timeout on its engine.session.",
        later=b".mount(",
    ),
    "sendgrid.SendGridAPIClient": Service(
        hint="Set its client.timeout = 10 (seconds).", later=b".timeout"
    ),
    "sib_api_v3_sdk.ApiClient": _GENERATED,
    "simple_salesforce.Salesforce": _SESSION,
    "swiftclient.Connection": _SWIFT,
    "swiftclient.client.Connection": _SWIFT,
    # Each new replica fetches the list of public suffixes when it is first asked.
    "tldextract.TLDExtract": _SUFFIXES,
    "tldextract.extract": _SUFFIXES,
    "trello.TrelloClient": Service(
        "http_service", "Pass an http_service with an adapter that brings a timeout.", position=4
    ),
    "twilio.rest.Client": Service(
        "http_client", "Pass http_client=TwilioHttpClient(timeout=10) (seconds)."
    ),
    "twython.Twython": Service(
        "client_args", 'Pass client_args={"timeout": 10} (seconds).', position=7
    ),
    "vonage.Client": Service("timeout", position=8),
    **{
        f"wikipedia.{name}": _NO_WAY
        for name in ("geosearch", "page", "search", "suggest", "summary")
    },
    "zeep.Client": Service(
        "transport", "Pass transport=Transport(operation_timeout=10) (seconds)."
    ),
}

# They have a time-out by themselves from a version of their package on.
SINCE: dict[str, tuple[str, tuple[int, ...]]] = {
    **dict.fromkeys(("jwt.PyJWKClient", "jwt.jwks_client.PyJWKClient"), ("pyjwt", (2, 7))),
    "minio.Minio": ("minio", (7, 0, 2)),
}
# Each file has but one thing to mend, however often it says so.
ONCE = frozenset({"tldextract.extract"})
# They connect when they are used; the keywords that bring a time-out.
# Each was read in the package's own source.
LAZY = {
    "httplib2.Http": "timeout",
    "ldap.initialize": "",
    "ldap3.Connection": "receive_timeout",
    # Of python-oauth2, derived from httplib2's.
    "oauth2.Client": "timeout",
    "paramiko.Transport": "",
    "pysftp.Connection": "",
    "pytube.YouTube": "",
    "pytubefix.YouTube": "",
    # Minio takes a client of urllib3, and took a timeout before that.
    **dict.fromkeys(SINCE, "http_client timeout"),
    "websocket.create_connection": "timeout",
    "xmlrpc.client.ServerProxy": "transport",
}
# The position at which some of them take one without its name.
LAZY_POSITIONS = {"httplib2.Http": 1, "oauth2.Client": 3}
