"""How far a list has been read, page by page, so that a failed page is requested again and not the whole list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kevents.event.version import EventVersion, newer
from kevents.source.cluster.errors import ClusterError
from kevents.source.cluster.list_body import Page
from kevents.source.cluster.updates import Cause

_IS_ABOUT_CLIENT = (Cause.CREDENTIALS, Cause.FORBIDDEN, Cause.FOREIGN, Cause.UNREACHABLE)


@dataclass
class ListProgress:
    """A list that has been started. All pages show the state at the version of the first one; the watch starts there.

    version: the lowest of the pages so far. token: of the next page. is_unpaged: the rest does not come in pages.
    """

    requested_at: datetime
    page_size: int
    version: int | None = None
    token: str = ""
    is_unpaged: bool = False
    items: int = 0
    older: int = 0
    last_event: EventVersion | None = None  # the newest one

    @property
    def query(self) -> dict[str, str | int]:
        """The query of the next page."""
        query: dict[str, str | int] = {"continue": self.token} if self.token else {}
        return query if self.is_unpaged and not self.token else query | {"limit": self.page_size}

    def add(self, page: Page, version: int) -> bool:
        """Add a complete page; returns whether it was the last one."""
        self.items += page.included
        self.older += page.older
        self.last_event = newer(self.last_event, page.last_event)
        self.version = version if self.version is None else min(self.version, version)
        self.token = page.body.continue_token or ""
        return not self.token

    def after(self, error: ClusterError, now: datetime) -> ListProgress | None:
        """Where to continue after a failed page: at the same page, or None for a new list.

        After a token expired, the server offers another one, but that list would be inconsistent: no watch could start
        from it. So the new list is requested without pages, because its tokens would expire, too.
        """
        if error.cause is Cause.EXPIRED:
            return ListProgress(now, self.page_size, is_unpaged=True) if self.token else None
        is_rejected = error.is_permanent and error.cause not in _IS_ABOUT_CLIENT  # the server cannot read the token
        return None if is_rejected else self
