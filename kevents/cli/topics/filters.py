"""Filters: the flags that every question shares."""

from __future__ import annotations

from kevents.cli.flag import usages
from kevents.cli.flags import SelectionFlags
from kevents.cli.topics.page import Page


def page() -> Page:
    return (
        "Every question can be narrowed by the same flags:",
        usages(SelectionFlags),
        "Several filters must all hold. Of several values of one, given with commas or by repeating the flag, any may"
        " hold. A `!` before a value leaves out what has it: --reason '!Pulled,Created'. A `*` in a name stands for"
        " anything: --name 'web-*'. A name means the whole name: web-1 is not web-15.",
        "Kinds are typed as for kubectl: po, pods, Pod, deploy, deployments.apps, and any custom kind. Reasons, types"
        " and kinds may be in any case. Namespaces are all that the store has unless -n names some; kevents record and"
        " kevents tail begin with the namespace of the kubeconfig's context, as kubectl does.",
        "Times and counts are cut after differences are taken: of an event that was seen 40 times, of which 3 lie in"
        " the window, 3 count. See kevents help occurrences.",
        [
            "kevents list -n shop --for deploy/cart --since 1h",
            "kevents reasons --kind Pod --name 'checkout-*' --severity warning",
            "kevents counts --grep 'context deadline' --node node-3",
        ],
    )
