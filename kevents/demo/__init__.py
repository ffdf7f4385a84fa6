"""A sample incident, in the format of `kubectl get events -A -o json`."""

from __future__ import annotations

from pathlib import Path

INCIDENT = Path(__file__).with_name("incident.json")
