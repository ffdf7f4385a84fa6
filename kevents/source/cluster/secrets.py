"""Credentials: checked before they are sent, and masked in messages of libraries, plugins and servers."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from kevents.source.cluster.errors import ClusterError
from kevents.source.cluster.updates import Cause
from kevents.url_credentials import MASK, mask_credentials

_MIN_LENGTH = 4  # a shorter secret would mask parts of ordinary words
_CONTROL = {"Cc", "Cs", "Zl", "Zp"}  # control characters, lone surrogates, line and paragraph separators


def checked(value: object, what: str) -> str:
    """A token, name or password. Raises ClusterError, without quoting it, if it has control characters."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _invalid(f"{what} is not a text")
    text = str(value)
    if any(unicodedata.category(character) in _CONTROL for character in text):
        raise _invalid(f"{what} contains a control character, such as a line break")
    return text


def token(value: object, what: str) -> str:
    """A bearer token without the white space around it, which comes from files and YAML blocks."""
    text = checked(value.strip() if isinstance(value, str) else value, what)
    if not text:
        raise _invalid(f"{what} is empty")
    return text


def header(text: str) -> str:
    """The value of a header that is sent as UTF-8. http.client encodes headers as Latin-1."""
    return text.encode().decode("latin-1")


def basic_auth(user: str, password: str) -> str:
    """The value of an Authorization header. urllib3's make_headers cannot encode names outside of Latin-1."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


@dataclass(frozen=True)
class Secrets:
    """The secret values of a session."""

    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Iterable[object]) -> Secrets:
        """The values in all forms that messages may quote: as they are, percent-encoded, or as the end of a header."""
        forms = {form for value in values if value for form in _forms(str(value)) if len(form) >= _MIN_LENGTH}
        return cls(tuple(sorted(forms, key=len, reverse=True)))

    def mask(self, text: str) -> str:
        """The text with `***` for each secret."""
        for value in self.values:
            text = text.replace(value, MASK)
        return mask_credentials(text)

    def mask_bytes(self, data: bytes) -> bytes:
        """The body of a response with `***` for each secret, such as a page that shows the request's headers."""
        for value in self.values:
            data = data.replace(value.encode("utf-8", "replace"), MASK.encode())
        return data


def _forms(value: str) -> Iterable[str]:
    text = value.strip()
    return text, quote(text, safe=""), text.rpartition(" ")[2]


def _invalid(sentence: str) -> ClusterError:
    hint = "Correct it in the kubeconfig or in the file, plugin or flag that it comes from."
    return ClusterError(sentence, hint, cause=Cause.CREDENTIALS, is_permanent=True)
