"""Help on filters, the flags that all reports share."""

from __future__ import annotations

from kevents.cli.flag import usages
from kevents.cli.flags import SelectionFlags
from kevents.cli.topics.page import Page


def page() -> Page:
    return (
        "All reports and kevents query have the same filters:",
        usages(SelectionFlags),
        "Different filters are ANDed; several values of one filter are ORed (comma-separated or repeated flag). Prefix"
        " a value with `!` to exclude it: --reason '!Pulled,Created'. `*` is a wildcard in names: --name 'web-*'."
        " Without it, the complete name must match: web-1 does not match web-15.",
        "Kinds are written as for kubectl: po, pods, Pod, deploy, deployments.apps or a custom kind. Reasons, types and"
        " kinds are not case-sensitive. By default reports include all namespaces of the store. kevents record and"
        " kevents tail use the namespace of the kubeconfig's context by default, like kubectl.",
        "Counts are limited to the time window: if 3 of an event's 40 occurrences fall in the window, 3 are counted."
        " See kevents help occurrences.",
        [
            "kevents list -n shop --for deploy/cart --since 1h",
            "kevents reasons --kind Pod --name 'checkout-*' --severity warning",
            "kevents counts --grep 'context deadline' --node node-3",
        ],
    )
