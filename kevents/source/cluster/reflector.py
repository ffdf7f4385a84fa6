"""List, watch, and recovery when either ends, for one scope: the same behavior as client-go's reflector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from kevents.event.version import EventVersion
from kevents.source.cluster import history
from kevents.source.cluster.backoff import Backoff
from kevents.source.cluster.errors import ClusterError, one_line, response_error, status_error
from kevents.source.cluster.list_body import InvalidListError, ListBody, Page
from kevents.source.cluster.paging import ListProgress
from kevents.source.cluster.response import Response
from kevents.source.cluster.updates import (
    Cause,
    Gap,
    Heartbeat,
    LineCounts,
    ListDone,
    Observations,
    Origin,
    Recovered,
    ResumePoint,
    Retry,
    Scope,
    Signal,
    WatchOpened,
)
from kevents.source.cluster.watch_context import ApiClient, SharedContext, WatchOptions
from kevents.source.cluster.watch_lines import NON_EVENTS, TOO_DEEP, TRUNCATED, WatchBatch, WatchLines

__all__ = ["ApiClient", "Reflector", "SharedContext", "WatchOptions"]


class Reflector:
    """The signals of one scope, starting at its checkpoint or with a list, until canceled."""

    def __init__(self, scope: Scope, context: SharedContext) -> None:
        checkpoint = context.options.checkpoints.get(scope)
        self._scope = scope
        self._kube, self._options, self._token = context.kube, context.options, context.token
        self._clock, self._timing = context.clock, context.timing
        self._backoff = Backoff(context.timing, context.clock)
        self._version = checkpoint.resource_version if checkpoint else None
        self._covered_until = checkpoint.at if checkpoint else None
        self._last_event = checkpoint.last_event if checkpoint else None
        self._resume_from: int | None = None  # the version to open the next watch from, if it is not the last one
        self._interruption = (Cause.STOPPED, "") if checkpoint else None  # cause and detail, if not covered since then
        self._verb = ""  # of the last request
        self._succeeded: set[str] = set()  # verbs of successful requests
        self._must_verify = checkpoint is not None  # whether the version may be in the future
        self._verified_at = context.clock.monotonic()
        self._confirmed_at: datetime | None = None  # when the version was last known to be valid in this cluster
        self._relists_at_once = True  # whether the next 410 leads to a list without a wait
        self._has_named_too_deep = False  # whether a signal has named an event that is nested too deeply
        self._listing: ListProgress | None = None  # a list that a failed page has interrupted
        self._is_done = False

    def signals(self) -> Iterator[Signal]:
        """All signals; raises ClusterError if retrying will not help."""
        while not (self._is_done or self._token.is_canceled):
            try:
                if self._version is not None and self._must_verify:
                    self._verify_version()
                if self._version is None:
                    yield from self._list()
                    self._is_done = not self._options.follow
                else:
                    yield from self._watch(self._version)
            except ClusterError as error:
                if self._token.is_canceled:
                    return
                if self._is_permanent(error) and not self._options.retry_permanent:
                    raise
                yield from self._handle_error(error)

    def _is_permanent(self, error: ClusterError) -> bool:
        """Whether no request has succeeded yet that could succeed again. The right to list does not include watch."""
        succeeded = self._verb in self._succeeded if error.cause is Cause.FORBIDDEN else bool(self._succeeded)
        return error.is_permanent and not succeeded

    def _handle_error(self, error: ClusterError) -> Iterator[Signal]:
        """Decide how to continue, and wait."""
        cause = error.cause
        self._interruption = self._interruption or (cause, str(error))
        if cause in (Cause.EXPIRED, Cause.AHEAD):
            self._version = None
        self._must_verify = cause is not Cause.BRIEF
        if cause is Cause.EXPIRED and self._relists_at_once:
            self._relists_at_once = False
            return
        wait = self._backoff.next(error.retry_after)
        if cause is Cause.BRIEF:
            wait = max(wait, self._timing.short_watch)
        yield Retry(self._scope, wait, cause, str(error), self._backoff.attempt)
        self._token.wait(wait)

    def _verify_version(self) -> None:
        """Check whether the watch can resume: the cluster may have been restored from a backup.

        A watch from a future version would hang without an error. A watch from a version that the restored cluster has
        passed would miss the events in between. A watch from the last event misses none, if the cluster still has it.
        """
        with self._open({"limit": 1}, "list") as response:
            body = ListBody(response.read)
            for _ in body:
                pass
            newest = self._list_version(body)
        last = self._last_event
        if self._version is not None and newest < self._version:
            self._reset(f"the cluster is at version {newest}, the checkpoint at {self._version}")
        elif last is not None and (is_found := self._has(last)) is not True:
            if is_found is False:
                self._reset(f"the cluster's history does not contain the last event, {one_line(str(last))}")
            self._version = None  # in doubt, everything is listed
        else:
            self._resume_from = last.resource_version if last else None
            self._confirmed_at = self._clock.now()
        self._must_verify = False
        self._verified_at = self._clock.monotonic()

    def _has(self, event: EventVersion) -> bool | None:
        """Whether the cluster's history contains the event; None if the server refuses to say."""
        try:
            with self._open(history.query_of(event), "list", path=history.path_of(event)) as response:
                body = ListBody(response.read)
                is_found = history.is_in(body, event)
                self._list_version(body)
                return is_found
        except ClusterError as error:
            if error.is_permanent and error.cause is not Cause.UNREACHABLE:
                return None
            raise

    def _reset(self, detail: str) -> None:
        """Start over with a list, because the cluster has another history."""
        self._interruption = (Cause.RESET, detail)
        self._version = self._last_event = None
        self._covered_until = self._confirmed_at or self._covered_until  # a watch without events proves nothing

    def _list(self) -> Iterator[Signal]:
        """List page by page. After an error, the next call continues at the page that failed."""
        progress = self._listing or ListProgress(self._clock.now(), self._timing.page_size)
        is_complete = False
        while not is_complete:
            try:
                with self._open(progress.query, "list") as response:
                    page = Page(ListBody(response.read), self._options.since)
                    for documents in page.batches():
                        yield Observations(self._scope, Origin.LIST, documents, self._clock.now())
                    version = self._list_version(page.body)
            except ClusterError as error:
                self._listing = progress.after(error, self._clock.now())
                if self._listing is None or self._listing is progress:
                    raise
                progress = self._listing
                continue
            is_complete = progress.add(page, version)
            self._backoff.reset()
            skipped = {NON_EVENTS: page.body.non_events, TOO_DEEP: page.body.too_deep}
            yield from self._skipped(Counter(skipped), page.body.first_too_deep)
        self._listing = None
        self._version, self._last_event, self._resume_from = progress.version, progress.last_event, None
        self._confirmed_at = progress.requested_at
        self._must_verify = False
        self._verified_at = self._clock.monotonic()
        yield from self._end_gap(Recovered.LATEST, progress.requested_at)
        checkpoint = ResumePoint(progress.version or 0, progress.requested_at, progress.last_event)
        yield ListDone(self._scope, checkpoint, progress.items, progress.older, progress.is_unpaged)

    def _list_version(self, body: ListBody) -> int:
        """The resource version of a list that has been read completely."""
        if body.status is not None:
            raise status_error(body.status, self._request("list"))
        return body.resource_version

    def _watch(self, version: int) -> Iterator[Signal]:
        shortest, longest = self._timing.watch_timeout
        timeout = shortest + int(self._clock.random() * (longest - shortest + 1))
        query: dict[str, str | int] = {
            "watch": "1",
            "resourceVersion": version if self._resume_from is None else self._resume_from,
            "timeoutSeconds": timeout,
            "allowWatchBookmarks": "true",
        }
        start = self._clock.monotonic()
        has_progress = False
        with self._open(query, "watch", timeout + self._timing.watch_margin) as response:
            yield WatchOpened(self._scope, version, self._clock.now())
            for batch in self._batches(response):
                has_progress = has_progress or batch.resource_version is not None
                yield from self._batch_signals(batch)
                if batch.status is not None:
                    raise status_error(batch.status, self._request("watch"))
        if self._token.is_canceled:
            return
        end = self._clock.monotonic()
        yield from self._progress(self._clock.now())
        if not has_progress and end - start < self._timing.short_watch:
            raise ClusterError("the server closed the watch immediately", cause=Cause.BRIEF)
        self._relists_at_once = True
        self._must_verify = not has_progress and end - self._verified_at > self._timing.verify_after

    def _batches(self, response: Response) -> Iterator[WatchBatch]:
        """The lines of a watch as they arrive. A truncated last line is an error, even if the stream ends cleanly."""
        lines = WatchLines()
        error = ClusterError("lost the connection in the middle of a line", cause=Cause.BROKEN)
        is_broken = False
        while True:
            try:
                data = response.read()
            except ClusterError as read_error:
                data, error, is_broken = b"", read_error, True
            if self._token.is_canceled:
                return
            batch = lines.feed(data) if data else lines.end()
            if batch.lines:
                response.restart_deadline()
            yield batch
            if is_broken or batch.counts[TRUNCATED]:
                raise error
            if not data:
                return

    def _batch_signals(self, batch: WatchBatch) -> Iterator[Signal]:
        yield from self._skipped(batch.counts, batch.too_deep)
        if batch.resource_version is None:
            if batch.documents:
                yield Observations(self._scope, Origin.WATCH, batch.documents, self._clock.now())
            return
        self._version = max(self._version or 0, batch.resource_version)
        self._last_event, self._resume_from = batch.last_event or self._last_event, None
        self._confirmed_at = self._clock.now()
        self._relists_at_once = True
        yield from self._progress(self._clock.now(), batch.documents)

    def _skipped(self, counts: Counter[str], too_deep: str | None) -> Iterator[Signal]:
        """The number of lines or items that are not observations, if there are any."""
        present = {name: count for name, count in counts.items() if count}
        if present:
            name = too_deep if too_deep and not self._has_named_too_deep else None
            self._has_named_too_deep = self._has_named_too_deep or name is not None
            yield LineCounts(self._scope, present, name)

    def _progress(self, at: datetime, documents: list[bytes] | None = None) -> Iterator[Signal]:
        """The signals for a watch that has resumed where it stopped and covers the time up to now."""
        yield from self._end_gap(Recovered.ALL, at)
        checkpoint = ResumePoint(self._version or 0, at, self._last_event)
        if documents:
            yield Observations(self._scope, Origin.WATCH, documents, at, checkpoint)
        else:
            yield Heartbeat(self._scope, checkpoint)

    def _end_gap(self, recovered: Recovered, at: datetime) -> Iterator[Signal]:
        """The Gap that ends now, unless the interruption was too short."""
        if self._interruption and self._covered_until:
            cause, detail = self._interruption
            seconds = (at - self._covered_until).total_seconds()
            if seconds > self._timing.tolerated_gap or cause in (Cause.STOPPED, Cause.RESET):
                yield Gap(self._scope, self._covered_until, at, cause, recovered, detail)
        self._interruption = None
        self._covered_until = at

    def _request(self, verb: str) -> str:
        return f"{verb} events in {self._scope}"

    @contextmanager
    def _open(
        self, query: dict[str, str | int], verb: str, read_timeout: float | None = None, path: str = ""
    ) -> Iterator[Response]:
        """A successful response; any other is raised as a ClusterError."""
        self._verb = verb
        response = self._kube.get(path or self._scope.path, query, read_timeout=read_timeout)
        try:
            with self._token.interrupts(response):
                if not response.is_success:
                    body, now = response.error_body(), self._clock.now()
                    raise response_error(response.status, response.headers, body, self._request(verb), now)
                self._succeeded.add(verb)
                yield response
        except InvalidListError as error:
            raise ClusterError(f"cannot {self._request(verb)}: {error}", cause=Cause.BROKEN) from error
        finally:
            response.close()
