"""List, watch, and what to do when either ends: the contract of client-go's reflector for one scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kevents.source.cluster.backoff import Backoff, Clock, Pace
from kevents.source.cluster.cancel import Stop
from kevents.source.cluster.errors import ClusterError, of_answer, of_status
from kevents.source.cluster.list_body import ListBody, Page, TornListError
from kevents.source.cluster.response import Response
from kevents.source.cluster.updates import (
    Cause,
    Contact,
    Gap,
    LineCounts,
    ListDone,
    Observations,
    Opened,
    Origin,
    Recovered,
    ResumePoint,
    Retry,
    Scope,
    Signal,
)
from kevents.source.cluster.watch_lines import NO_EVENT, TORN, WatchBatch, WatchLines


class Asks(Protocol):
    """What answers GET requests: `kevents.source.cluster.client.Kube`."""

    def get(self, path: str, query: Mapping[str, str | int], *, silence: float | None = None) -> Response: ...


@dataclass(frozen=True)
class WatchOptions:
    """What is wanted: which scopes, from where on, and for how long.

    checkpoints: where scopes that were watched before go on; the others begin with a list. since: items of a list
    last seen before it are left out. follow: False to list once and end. patient: try again even what cannot succeed.
    """

    scopes: Sequence[Scope] = (Scope(),)
    checkpoints: Mapping[Scope, ResumePoint] = field(default_factory=dict)
    since: datetime | None = None
    follow: bool = True
    patient: bool = False


@dataclass(frozen=True)
class SharedContext:
    """What the followers of all scopes share."""

    kube: Asks
    wish: WatchOptions
    stop: Stop
    clock: Clock
    pace: Pace


class Reflector:
    """One scope's signals, from its checkpoint or from a list on, until asked to stop."""

    def __init__(self, scope: Scope, means: SharedContext) -> None:
        checkpoint = means.wish.checkpoints.get(scope)
        self._scope = scope
        self._kube, self._wish, self._stop = means.kube, means.wish, means.stop
        self._clock, self._pace = means.clock, means.pace
        self._backoff = Backoff(means.pace, means.clock)
        self._version = checkpoint.resource_version if checkpoint else None
        self._heard = checkpoint.at if checkpoint else None  # up to here the scope is covered
        self._trouble: tuple[Cause, str] | None = (Cause.STOPPED, "") if checkpoint else None  # why not since then
        self._verb = ""  # of the request that was made last
        self._granted: set[str] = set()  # verbs that succeeded once
        self._doubtful = checkpoint is not None  # whether the version may lie in the future
        self._sure_at = means.clock.monotonic()
        self._proved: datetime | None = None  # when the version was last shown to be one of this cluster's
        self._settled = True  # a 410 is nothing unusual: the watch has run since the last one
        self._done = False

    def signals(self) -> Iterator[Signal]:
        """All there is to tell; raises ClusterError if nothing can come of trying again."""
        while not (self._done or self._stop.asked):
            try:
                if self._version is not None and self._doubtful:
                    self._verify()
                if self._version is None:
                    yield from self._list()
                    self._done = not self._wish.follow
                else:
                    yield from self._watch(self._version)
            except ClusterError as error:
                if self._stop.asked:
                    return
                if self._is_hopeless(error) and not self._wish.patient:
                    raise
                yield from self._failed(error)

    def _is_hopeless(self, error: ClusterError) -> bool:
        """Whether nothing ever succeeded that could succeed again; a right to list is none to watch."""
        never = self._verb not in self._granted if error.cause is Cause.FORBIDDEN else not self._granted
        return error.lasting and never

    def _failed(self, error: ClusterError) -> Iterator[Signal]:
        """Decide how to go on, and wait before that."""
        cause = error.cause
        self._trouble = self._trouble or (cause, str(error))
        if cause in (Cause.EXPIRED, Cause.AHEAD):
            self._version = None
        self._doubtful = cause is not Cause.BRIEF
        if cause is Cause.EXPIRED and self._settled:
            self._settled = False
            return
        wait = self._backoff.next(error.retry_after)
        if cause is Cause.BRIEF:
            wait = max(wait, self._pace.brief)
        yield Retry(self._scope, wait, cause, str(error), self._backoff.attempt)
        self._stop.wait(wait)

    def _verify(self) -> None:
        """Compare a list's version with ours: a watch from a version in the future would hang without a word."""
        with self._asked({"limit": 1}, "list") as answer:
            body = ListBody(answer.read)
            for _ in body:
                pass
            newest = self._whole(body)
        if self._version is not None and newest < self._version:
            detail = f"the cluster is at version {newest}, the checkpoint at {self._version}"
            self._trouble = (Cause.RESET, detail)
            self._version = None
            self._heard = self._proved or self._heard  # watches that ended quietly since then saw nothing
        else:
            self._proved = self._clock.now()
        self._doubtful = False
        self._sure_at = self._clock.monotonic()

    def _list(self) -> Iterator[Signal]:
        """List page by page; the state listed, and so the version to watch from, is the first page's."""
        version, token, whole = None, "", False
        items = older = 0
        asked_at = self._clock.now()
        while True:
            query: dict[str, str | int] = {"continue": token} if token else {}
            if token or not whole:
                query["limit"] = self._pace.page
            try:
                with self._asked(query, "list") as answer:
                    page = Page(ListBody(answer.read), self._wish.since)
                    for documents in page.lots():
                        yield Observations(self._scope, Origin.LIST, documents, self._clock.now())
                    found = self._whole(page.body)
            except ClusterError as error:
                if error.cause is not Cause.EXPIRED or not token:
                    raise
                # The token offered instead would give an inconsistent list, never to be watched from.
                version, token, whole, items, older, asked_at = None, "", True, 0, 0, self._clock.now()
                continue
            items, older = items + page.taken, older + page.older
            if page.body.odd:
                yield LineCounts(self._scope, {NO_EVENT: page.body.odd})
            version = found if version is None else min(version, found)
            token = page.body.token or ""
            if not token:
                break
        self._version = version
        self._proved = asked_at
        self._doubtful = False
        self._sure_at = self._clock.monotonic()
        yield from self._regained(Recovered.LATEST, asked_at)
        yield ListDone(self._scope, ResumePoint(version, asked_at), items, older, whole)

    def _whole(self, body: ListBody) -> int:
        """The version of a list that was read to its end."""
        if body.status is not None:
            raise of_status(body.status, self._request("list"))
        return body.resource_version

    def _watch(self, version: int) -> Iterator[Signal]:
        shortest, longest = self._pace.watch
        seconds = shortest + int(self._clock.draw() * (longest - shortest + 1))
        query: dict[str, str | int] = {
            "watch": "1",
            "resourceVersion": version,
            "timeoutSeconds": seconds,
            "allowWatchBookmarks": "true",
        }
        began = self._clock.monotonic()
        moved = False
        with self._asked(query, "watch", seconds + self._pace.margin) as answer:
            yield Opened(self._scope, version, self._clock.now())
            for batch in self._batches(answer):
                moved = moved or batch.resource_version is not None
                yield from self._told(batch)
                if batch.status is not None:
                    raise of_status(batch.status, self._request("watch"))
        if self._stop.asked:
            return
        ended = self._clock.monotonic()
        yield from self._covered(self._clock.now())
        if not moved and ended - began < self._pace.brief:
            raise ClusterError("the server ended a watch at once", cause=Cause.BRIEF)
        self._settled = True
        self._doubtful = not moved and ended - self._sure_at > self._pace.doubt

    def _batches(self, answer: Response) -> Iterator[WatchBatch]:
        """The lines of a watch as they come; a torn last line makes a broken connection of a quiet end."""
        lines = WatchLines()
        torn = ClusterError("the connection broke in the middle of a line", cause=Cause.BROKEN)
        while True:
            try:
                data = answer.read()
            except ClusterError as error:
                data, torn = b"", error
                broken = True
            else:
                broken = False
            if self._stop.asked:
                return
            batch = lines.feed(data) if data else lines.end()
            yield batch
            if broken or batch.counts[TORN]:
                raise torn
            if not data:
                return

    def _told(self, batch: WatchBatch) -> Iterator[Signal]:
        """Hand over what some lines held."""
        if batch.counts:
            yield LineCounts(self._scope, dict(batch.counts))
        if batch.resource_version is None:
            if batch.documents:
                yield Observations(self._scope, Origin.WATCH, batch.documents, self._clock.now())
            return
        self._version = max(self._version or 0, batch.resource_version)
        self._proved = self._clock.now()
        self._settled = True
        yield from self._covered(self._clock.now(), batch.documents)

    def _covered(self, at: datetime, documents: list[bytes] | None = None) -> Iterator[Signal]:
        """The watch has shown that it went on from where it stopped, up to this moment."""
        yield from self._regained(Recovered.ALL, at)
        checkpoint = ResumePoint(self._version or 0, at)
        if documents:
            yield Observations(self._scope, Origin.WATCH, documents, at, checkpoint)
        else:
            yield Contact(self._scope, checkpoint)

    def _regained(self, recovered: Recovered, at: datetime) -> Iterator[Signal]:
        """Tell of the gap that is over, if it was one."""
        if self._trouble and self._heard:
            cause, detail = self._trouble
            lasted = (at - self._heard).total_seconds()
            if lasted > self._pace.unnoticed or cause in (Cause.STOPPED, Cause.RESET):
                yield Gap(self._scope, self._heard, at, cause, recovered, detail)
        self._trouble = None
        self._heard = at

    def _request(self, verb: str) -> str:
        return f"{verb} events in {self._scope}"

    @contextmanager
    def _asked(self, query: dict[str, str | int], verb: str, silence: float | None = None) -> Iterator[Response]:
        """A good answer of JSON; anything else is raised."""
        self._verb = verb
        answer = self._kube.get(self._scope.path, query, silence=silence)
        try:
            with self._stop.interrupts(answer):
                if answer.status != 200 or "json" not in answer.headers.get("Content-Type", ""):
                    body, now = answer.error_body(), self._clock.now()
                    raise of_answer(answer.status, answer.headers, body, self._request(verb), now)
                self._granted.add(verb)
                yield answer
        except TornListError as error:
            raise ClusterError(f"cannot {self._request(verb)}: {error}", cause=Cause.BROKEN) from error
        finally:
            answer.close()
