"""URLs of servers and proxies, separated from the user name and password that they may contain."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from kevents.errors import SourceError
from kevents.source.cluster.secrets import basic_auth, checked
from kevents.url_credentials import MASK

_HINT = "Characters such as / and @ in a user name or password of a URL are written as %2F and %40."
_SOCKS = ("socks4", "socks4a", "socks5", "socks5h")


@dataclass(frozen=True)
class ServerUrl:
    """A URL without user info. authorization: the header for the user info; secrets: what must never be shown."""

    url: str
    authorization: str | None = None
    secrets: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The URL as it is shown: `https://***@host` for one with user info."""
        return self.url.replace("://", f"://{MASK}@", 1) if self.authorization else self.url


def server_url(text: str, what: str) -> ServerUrl:
    """A server's URL, without a query and a final slash, as in kubectl. Raises SourceError without quoting it."""
    return _parse(text, what, ("http", "https"))


def proxy_url(text: str, what: str) -> ServerUrl:
    """A proxy's URL. Raises SourceError without quoting it; for a SOCKS proxy, also if PySocks is not installed."""
    parsed = _parse(text, what, ("http", "https", *_SOCKS))
    if parsed.url.startswith("socks"):
        from importlib.util import find_spec

        if find_spec("socks") is None:
            raise SourceError(f"{what} is a SOCKS proxy, which needs PySocks", "Run pip install 'kevents[socks]'.")
    return parsed


def _parse(text: str, what: str, schemes: tuple[str, ...]) -> ServerUrl:
    text = text.strip()
    if any(character.isspace() or unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise SourceError(f"{what} contains a space or a control character")
    try:
        parts = urlsplit(text)
        is_valid = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # raised with a part of the URL, perhaps of the password
        is_valid = False
    if not is_valid or ("@" in text and "@" not in parts.netloc):
        names = " or ".join(f"{scheme}://" for scheme in schemes[:2])
        raise SourceError(f"{what} is not a valid URL; it starts with {names}", _HINT if "@" in text else None)
    user_info, separator, host = parts.netloc.rpartition("@")
    url = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    if not separator:
        return ServerUrl(url)
    user, _, password = user_info.partition(":")
    decoded = [checked(unquote(part), f"the user name or password in {what}") for part in (user, password)]
    authorization = basic_auth(*decoded)
    secrets = (user_info, authorization, *(decoded[1:] if password else decoded))  # a token may be the user name
    if parts.scheme in _SOCKS:  # the SOCKS handshake, not a header, has the password
        return ServerUrl(text, authorization, secrets)
    return ServerUrl(url, authorization, secrets)
