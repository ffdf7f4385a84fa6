"""A scripted Kubernetes API server over real HTTP, with a ledger of every version that any event has had.

    etcd = Etcd()
    with Server(etcd) as server:
        etcd.add(3)
        server.script(faults.status(503, headers={"Retry-After": "1"}), when="watch")

It serves core/v1 events (list, continue, watch) and the discovery requests of kubectl. Faults are scripted by tests.
"""

from tests.server.api import Api
from tests.server.etcd import Etcd, Version
from tests.server.flood import Flood
from tests.server.server import Server

__all__ = ["Api", "Etcd", "Flood", "Server", "Version"]
