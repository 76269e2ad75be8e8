"""A client for Podcast Atlas, the directory that lists Castaway's shows."""

import json
import time
from pathlib import Path
from urllib.request import Request, urlopen

TOKEN_FILE = Path(__file__).with_name("directory_token.json")


class DirectoryClient:
    """Announces feeds; signs in with client credentials and keeps the token it is given."""

    def __init__(self, base_url, client_id, client_secret):
        """Take the directory's address and the credentials it issued."""
        self.base_url = base_url.rstrip("/")
        self.credentials = {"client_id": client_id, "client_secret": client_secret}

    def announce(self, feed_url):
        """Tell the directory that a feed has changed; telling it twice does no harm."""
        self._post("/feeds", {"url": feed_url}, {"Authorization": f"Bearer {self._token()}"})

    def _token(self):
        if TOKEN_FILE.exists():
            kept = json.loads(TOKEN_FILE.read_text())
            if kept["expires_at"] > time.time():
                return kept["access_token"]
        given = self._post("/token", self.credentials)
        given["expires_at"] = time.time() + given["expires_in"]
        TOKEN_FILE.write_text(json.dumps(given))
        return given["access_token"]

    def _post(self, path, body, headers=None):
        request = Request(
            self.base_url + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        with urlopen(request) as response:
            return json.load(response)
