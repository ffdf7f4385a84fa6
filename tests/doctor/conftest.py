"""Fixtures: a scripted cluster for `kevents doctor` to check."""

from tests.server.fixtures import _no_proxy, etcd, server

__all__ = ["_no_proxy", "etcd", "server"]  # fixtures
