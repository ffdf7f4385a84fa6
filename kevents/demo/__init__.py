"""An invented incident, as `kubectl get events -A -o json` printed it, to try every question on."""

from __future__ import annotations

from pathlib import Path

INCIDENT = Path(__file__).with_name("incident.json")
