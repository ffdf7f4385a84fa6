"""A scripted cluster whose health is looked at."""

from tests.server.fixtures import _no_proxy, etcd, server

__all__ = ["_no_proxy", "etcd", "server"]  # fixtures
