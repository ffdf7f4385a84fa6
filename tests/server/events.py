"""Event objects as encoded by an API server: keys in Go's order, no spaces."""

from __future__ import annotations

import json
from typing import Any

EVENT = b'{"kind":"Event","apiVersion":"v1",'
MOMENT = "2026-11-21T00:14:32Z"


def event(name: str, namespace: str, uid: str, **fields: Any) -> dict[str, Any]:
    """A kubelet's event as an item of a list; fields overwrite those of the top level."""
    item: dict[str, Any] = {
        "metadata": {
            "name": name,
            "namespace": namespace,
            "uid": uid,
            "resourceVersion": "0",
            "creationTimestamp": MOMENT,
            "managedFields": [
                {
                    "manager": "kubelet",
                    "operation": "Update",
                    "apiVersion": "v1",
                    "time": MOMENT,
                    "fieldsType": "FieldsV1",
                    "fieldsV1": {"f:count": {}, "f:involvedObject": {}, "f:message": {}, "f:reason": {}},
                }
            ],
        },
        "involvedObject": {
            "kind": "Pod",
            "namespace": namespace,
            "name": name.rpartition(".")[0] or name,
            "uid": "62c729fc-6804-4fc8-a9e5-0cd981f491b8",
            "apiVersion": "v1",
            "resourceVersion": "338",
            "fieldPath": "spec.containers{app}",
        },
        "reason": "BackOff",
        "message": "Back-off restarting failed container app",
        "source": {"component": "kubelet", "host": "node-1"},
        "firstTimestamp": MOMENT,
        "lastTimestamp": MOMENT,
        "count": 1,
        "type": "Warning",
        "eventTime": None,
        "reportingComponent": "kubelet",
        "reportingInstance": "node-1",
    }
    return item | fields


def encode(value: Any) -> bytes:
    """JSON as written by Go: UTF-8, without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def line(kind: str, item: bytes) -> bytes:
    """A watch line with an item."""
    return b'{"type":"%s","object":%s%s}\n' % (kind.encode(), EVENT, item[1:])


def status(code: int, reason: str, message: str = "", **more: Any) -> dict[str, Any]:
    """A Status object for a failure."""
    failure = {"status": "Failure", "message": message or reason, "reason": reason, "code": code}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}} | failure | more


def error_line(code: int, reason: str, message: str = "", **more: Any) -> bytes:
    """A watch line that ends the watch with an error."""
    return encode({"type": "ERROR", "object": status(code, reason, message, **more)}) + b"\n"
