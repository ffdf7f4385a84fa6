"""The columns of an observation, as SQL and reports see them (`kevents query --schema`).

STORED are the columns of the Parquet files. The view `observations` restores omitted values and adds DERIVED.
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


SCHEMA = 1  # the version of STORED; every new column increments it and catalog.FORMAT (see FORMAT.md)

STORED: tuple[Field, ...] = (
    Field("namespace", "VARCHAR", "metadata.namespace of the event (default for cluster-scoped objects)"),
    Field("kind", "VARCHAR", "involvedObject.kind"),
    Field("name", "VARCHAR", "involvedObject.name"),
    Field(
        "last_seen",
        "TIMESTAMPTZ",
        "series.lastObservedTime, else lastTimestamp, eventTime, firstTimestamp, creationTimestamp",
    ),
    Field("first_seen", "TIMESTAMPTZ", "eventTime, else firstTimestamp, else last_seen"),
    Field("count", "BIGINT", "series.count, else count, else 1; cumulative over the lifetime of the event"),
    Field("type", "VARCHAR", "Normal or Warning by convention; any text is allowed"),
    Field("reason", "VARCHAR", "the reason, as set by the sender"),
    Field("message", "VARCHAR", "message (note in events.k8s.io)"),
    Field("clock_ns", "INTEGER", "the clock in the event's name, in nanoseconds after first_seen; null if it has none"),
    Field(
        "event_name",
        "VARCHAR",
        "metadata.name; null in the files if it equals <name>.<first_seen + clock_ns in hex>",
    ),
    Field("uid", "UUID", "metadata.uid; changes when an expired event is created again"),
    Field("resource_version", "BIGINT", "metadata.resourceVersion"),
    Field("created", "TIMESTAMPTZ", "metadata.creationTimestamp; null in the files if it is first_seen in seconds"),
    Field("object_namespace", "VARCHAR", "involvedObject.namespace"),
    Field("object_uid", "VARCHAR", "involvedObject.uid; kubelets set it to the node's name for node events"),
    Field("object_resource_version", "BIGINT", "involvedObject.resourceVersion"),
    Field("api_version", "VARCHAR", "involvedObject.apiVersion"),
    Field("field_path", "VARCHAR", "involvedObject.fieldPath, such as spec.containers{app}"),
    Field("source_component", "VARCHAR", "source.component"),
    Field("source_host", "VARCHAR", "source.host"),
    Field("reporting_controller", "VARCHAR", "reportingComponent (reportingController in events.k8s.io)"),
    Field("reporting_instance", "VARCHAR", "reportingInstance"),
    Field("action", "VARCHAR", "the action that was attempted, in new-style events"),
    Field("related", "JSON", "a second object of the event, unchanged"),
    Field("time_fields", "VARCHAR", "the event's fields that equal first_seen, last_seen, count or created"),
    Field("extra", "JSON", "fields without a column, and values that their column cannot hold, unchanged"),
)

PARTITION: tuple[Field, ...] = (
    Field("cluster", "VARCHAR", "the cluster's label, from --cluster or the dump"),
    Field("day", "DATE", "the UTC day of last_seen; null if that is missing or out of range"),
)

DERIVED: tuple[Field, ...] = (
    Field("object", "VARCHAR", "kind/name, as in kubectl"),
    Field("container", "VARCHAR", "the container in field_path"),
    Field("component", "VARCHAR", "source component, or reporting controller"),
    Field("node", "VARCHAR", "the node: the object itself, the kubelet's host, or the node a pod was assigned to"),
    Field("severity", "VARCHAR", "critical, error, warning, notice or info, by the reason"),
    Field("category", "VARCHAR", "what the reason is about: scheduling, image, crash, probe, volume, node, …"),
)
