"""The columns of an observation, as users' SQL and every report see them (`kevents query --schema`).

STORED says what lies in the Parquet files; OBSERVATION says what the view `observations` makes of it.
"""

from __future__ import annotations

from typing import NamedTuple


class Field(NamedTuple):
    name: str
    type: str  # DuckDB's name of the type
    meaning: str

    @property
    def stored(self) -> str:
        """The type in the files, where JSON is text."""
        return self.type.replace("JSON", "VARCHAR")


SCHEMA = 1  # of STORED: one more with every column that is added, and one more of catalog.FORMAT; see FORMAT.md

STORED: tuple[Field, ...] = (
    Field("namespace", "VARCHAR", "metadata.namespace: where the event lives (default for cluster-scoped objects)"),
    Field("kind", "VARCHAR", "involvedObject.kind"),
    Field("name", "VARCHAR", "involvedObject.name"),
    Field(
        "last_seen", "TIMESTAMPTZ", "series.lastObservedTime, else lastTimestamp, eventTime, firstTimestamp, creation"
    ),
    Field("first_seen", "TIMESTAMPTZ", "eventTime, else firstTimestamp, else last_seen"),
    Field("count", "BIGINT", "series.count, else count, else 1; cumulative over the life of the event"),
    Field("type", "VARCHAR", "Normal or Warning by convention; the sender's free text"),
    Field("reason", "VARCHAR", "the sender's short word for what happened"),
    Field("message", "VARCHAR", "message (note in events.k8s.io)"),
    Field("clock_ns", "INTEGER", "the clock in the event's name, in nanoseconds after first_seen; null if it has none"),
    Field(
        "event_name", "VARCHAR", "metadata.name; null in the files where it is <name>.<first_seen + clock_ns in hex>"
    ),
    Field("uid", "UUID", "metadata.uid: one life of the event in the cluster"),
    Field("resource_version", "BIGINT", "metadata.resourceVersion"),
    Field("created", "TIMESTAMPTZ", "metadata.creationTimestamp; null in the files where it is first_seen's second"),
    Field("object_namespace", "VARCHAR", "involvedObject.namespace"),
    Field("object_uid", "VARCHAR", "involvedObject.uid; kubelets put a node's name there"),
    Field("object_resource_version", "BIGINT", "involvedObject.resourceVersion"),
    Field("api_version", "VARCHAR", "involvedObject.apiVersion"),
    Field("field_path", "VARCHAR", "involvedObject.fieldPath, such as spec.containers{app}"),
    Field("source_component", "VARCHAR", "source.component"),
    Field("source_host", "VARCHAR", "source.host"),
    Field("reporting_controller", "VARCHAR", "reportingComponent (reportingController in events.k8s.io)"),
    Field("reporting_instance", "VARCHAR", "reportingInstance"),
    Field("action", "VARCHAR", "what was attempted, in new-style events"),
    Field("related", "JSON", "a second object of the event, as it was written"),
    Field("time_fields", "VARCHAR", "which of the event's own fields hold first_seen, last_seen, count and created"),
    Field("extra", "JSON", "fields without a column, and values that their column cannot hold, as they were written"),
)

PARTITION: tuple[Field, ...] = (
    Field("cluster", "VARCHAR", "the cluster's label, from --cluster or the dump"),
    Field("day", "DATE", "the UTC day of last_seen; null where that is absurd or missing"),
)

DERIVED: tuple[Field, ...] = (
    Field("object", "VARCHAR", "kind/name, as kubectl prints it"),
    Field("container", "VARCHAR", "the container that field_path names"),
    Field("component", "VARCHAR", "who says so: source_component, else reporting_controller"),
    Field("node", "VARCHAR", "the node: the object itself, the kubelet's host, or where a pod was assigned"),
    Field("severity", "VARCHAR", "how bad: critical, error, warning, notice or info, by the reason"),
    Field("category", "VARCHAR", "what it is about, by the reason: scheduling, image, crash, probe, volume, node, …"),
)
