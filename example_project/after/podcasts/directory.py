"""A client for Podcast Atlas, the directory that lists Castaway's shows."""

import json
from http import HTTPStatus
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.core.cache import cache

# Seconds for each step: connecting, and each read. A task's time limit bounds the whole.
TIMEOUT = 10
# Seconds before its end from which a token counts as expired.
MARGIN = 60


class DirectoryClient:
    """Announces feeds; signs in with client credentials and shares the token it is given.

    Raises OSError (URLError, TimeoutError) or HTTPException if the directory does not answer.
    """

    def __init__(self, base_url, client_id, client_secret):
        """Take the directory's address and the credentials it issued."""
        self.base_url = base_url.rstrip("/")
        self.credentials = {"client_id": client_id, "client_secret": client_secret}
        self.token_key = f"directory-token:{client_id}"

    def announce(self, feed_url):
        """Tell the directory that a feed has changed; telling it twice does no harm."""
        try:
            self._announce(feed_url)
        except HTTPError as error:
            if error.code != HTTPStatus.UNAUTHORIZED:
                raise
            # Revoked before its time: once more, with a token of today.
            cache.delete(self.token_key)
            self._announce(feed_url)

    def _announce(self, feed_url):
        self._post("/feeds", {"url": feed_url}, {"Authorization": f"Bearer {self._token()}"})

    def _token(self):
        # With Redis away each call signs in for itself: slower, and still right.
        token = cache.get(self.token_key)
        if token is None:
            given = self._post("/token", self.credentials)
            token = given["access_token"]
            cache.set(self.token_key, token, timeout=max(given["expires_in"] - MARGIN, 0))
        return token

    def _post(self, path, body, headers=None):
        request = Request(  # noqa: S310 - the address is the operator's, from the environment
            self.base_url + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310 - as above
            return json.load(response)
