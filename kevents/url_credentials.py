"""User names and passwords in URLs, and in texts that quote URLs: `https://user:password@host` is never shown."""

from __future__ import annotations

import re

MASK = "***"
# up to the last @ before a space, quote or the path: a password may contain an @ itself
_USER_INFO = re.compile(r"""(\b[a-z][a-z0-9+.-]*://)[^\s/?#"'<>]*@""", re.IGNORECASE)
_AUTHORIZATION = re.compile(r"\b(Bearer|Basic)(\s+|%20)[\w.~+/=-]{16,}", re.IGNORECASE)


def mask_credentials(text: str) -> str:
    """The text with `***` for the user info of URLs and for the values of Authorization headers."""
    if "@" in text:
        text = _USER_INFO.sub(rf"\1{MASK}@", text)
    return _AUTHORIZATION.sub(rf"\1\2{MASK}", text)
