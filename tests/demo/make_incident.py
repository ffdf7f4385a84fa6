"""Writes kevents/demo/incident.json, a sample incident: `python -m tests.demo.make_incident`.

The cluster's API server keeps events for six hours (--event-ttl=6h). The dump is from 10:58.
"""

from __future__ import annotations

from pathlib import Path

from tests.demo.actors import REGISTRY, Actors, App, Pod
from tests.demo.recorders import ApiObject, Cluster, at, uid

INCIDENT = Path(__file__).parents[2] / "kevents" / "demo" / "incident.json"

CATALOG_OLD = App("catalog", "shop", f"{REGISTRY}/shop/catalog:3.1.4", 64_120_883)
CATALOG = App("catalog", "shop", f"{REGISTRY}/shop/catalog:3.2.0", 64_388_127)
CHECKOUT = App("checkout", "shop", f"{REGISTRY}/shop/checkout:1.42.0", 118_204_771)
CHECKOUT_BAD = App("checkout", "shop", f"{REGISTRY}/shop/checkout:1.42.1", 0)
CART = App("cart", "shop", f"{REGISTRY}/shop/cart:2.7.0", 91_552_304)
FRONTEND = App("frontend", "shop", f"{REGISTRY}/shop/frontend:5.0.2", 42_630_915)
GATEWAY = App("gateway", "payments", f"{REGISTRY}/payments/gateway:8.1.0", 77_019_446)
SETTLE = App("settle", "payments", f"{REGISTRY}/payments/settle:2026.3", 51_876_220)
GRAFANA = App("grafana", "monitoring", f"{REGISTRY}/grafana:12.3.1", 204_118_552)
PROBER = App("blackbox-prober", "monitoring", f"{REGISTRY}/blackbox-prober:0.9.1", 18_551_603)
NODE_EXPORTER = App("node-exporter", "monitoring", f"{REGISTRY}/node-exporter:1.10.2", 23_940_117, kind="DaemonSet")
METRICS = App("metrics-server", "kube-system", f"{REGISTRY}/metrics-server:0.8.0", 27_614_082)

NO_ROOM = (
    "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient memory. no new claims to deallocate, "
    "preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, "
    "2 No preemption victims found for incoming pod."
)
REFUSED = 'Readiness probe failed: Get "http://{}/healthz": dial tcp {}: connect: connection refused'
NO_BACKEND = "Readiness probe failed: HTTP probe failed with statuscode: 503"
NO_METRICS = (
    "unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server is "
    "currently unable to handle the request (get pods.metrics.k8s.io)"
)


def ordinary_morning(actors: Actors) -> None:
    """08:30 to 10:00: an hourly job, a successful rollout, and a prober that has been crashing since yesterday."""
    settle = ApiObject("CronJob", "settle", "payments", "batch/v1", made=at("8:29:00"))
    for due, node, seconds in (("8:30:00", "node-2", 41), ("9:30:00", "node-2", 44), ("10:30:00", "node-1", 39)):
        actors.job_run(settle, SETTLE, node, at(due), seconds)

    yesterday = at("18:11:04") - 24 * 3600
    prober = Pod(PROBER, PROBER.replica_set("0.9.1", "7:00:00"), yesterday - 2)
    message = f"Back-off restarting failed container {PROBER.name} in pod {prober.full_name}"
    noon = at("10:57:41")
    actors.kubelet(prober, "node-1", "BackOff", message, yesterday, type="Warning", count=4316, last=noon)
    actors.find_image(prober, "node-1", yesterday - 3, count=199, last=at("10:52:40"))

    hpa = ApiObject("HorizontalPodAutoscaler", "gateway", "payments", "autoscaling/v2", made=at("9:02:00"))
    above = "New size: 3; reason: cpu resource utilization (percentage of request) above target"
    actors.emit(hpa, "SuccessfulRescale", above, at("9:02:31"), "horizontal-pod-autoscaler")
    gateway = GATEWAY.replica_set("8.1.0", "9:02:00")
    actors.scale(GATEWAY, gateway, 2, 3, at("9:02:31.040"))
    actors.run(actors.create(GATEWAY, gateway, at("9:02:31.060")), "node-2", at("9:02:31.110"), took=4_187)
    lease = ApiObject("Lease", "cluster-autoscaler", "kube-system", "coordination.k8s.io/v1", made=at("8:47:00"))
    elected = "cluster-autoscaler-7c9f4d6b8-2xkqz became leader"
    actors.emit(lease, "LeaderElection", elected, at("8:47:19.400"), "cluster-autoscaler-7c9f4d6b8-2xkqz")


def good_rollout(actors: Actors) -> None:
    """08:40: catalog is updated from 3.1.4 to 3.2.0, one pod at a time."""
    old, new = CATALOG_OLD.replica_set("3.1.4", "8:40:10"), CATALOG.replica_set("3.2.0", "8:40:10")
    when = at("8:40:12")
    for done, (node, took, waited) in enumerate(
        (("node-1", 3_912, 3_912), ("node-2", 4_405, 4_405), ("node-3", 3_677, 5_120))
    ):
        actors.scale(CATALOG, new, done, done + 1, when)
        started = actors.run(actors.create(CATALOG, new, when), node, when + 0.05, took=took, waited=waited)
        when = started + 6.4
        deleted = Pod(CATALOG_OLD, old, at("7:40:00"), done)
        actors.scale(CATALOG, old, 3 - done, 2 - done, when)
        actors.delete(deleted, when + 0.03)
        actors.stop(deleted, node, when + 0.05)


def bad_rollouts(actors: Actors) -> None:
    """10:02: checkout is updated to a missing image tag, and cart with a setting that makes it crash."""
    good, bad = CHECKOUT.replica_set("1.42.0", "10:02:05"), CHECKOUT_BAD.replica_set("1.42.1", "10:02:05")
    when = at("10:02:06.200")
    actors.scale(CHECKOUT, bad, 0, 1, when)
    actors.scale(CHECKOUT, good, 4, 3, when + 0.04)
    actors.scale(CHECKOUT, bad, 1, 2, when + 0.07)
    deleted = Pod(CHECKOUT, good, at("7:40:00"), 3)
    actors.delete(deleted, when + 0.06)
    actors.stop(deleted, "node-2", when + 0.11)
    last_events = {"node-1": (at("10:30:44"), 127), "node-3": (at("10:12:22"), 46)}  # node-3 is lost before
    for nth, (node, (until, back_offs)) in enumerate(last_events.items()):
        pod = actors.create(CHECKOUT_BAD, bad, when + 0.1, nth)
        actors.assign(pod, node, when + 0.16 + nth / 100)
        actors.cannot_pull(pod, node, when + 0.9, until=until, back_offs=back_offs)
        if node == "node-1":
            actors.delete(pod, at("10:31:20.310"))

    before, after = CART.replica_set("2.7.0", "10:02:40"), CART.replica_set("2.7.0, CACHE_TTL", "10:02:40")
    when = at("10:02:41.500")
    actors.scale(CART, after, 0, 1, when)
    actors.scale(CART, before, 4, 3, when + 0.04)
    actors.scale(CART, after, 1, 2, when + 0.08)
    deleted = Pod(CART, before, at("7:40:00"), 3)
    actors.delete(deleted, when + 0.06)
    actors.stop(deleted, "node-2", when + 0.1)
    for nth, (node, until, back_offs) in enumerate((("node-1", "10:43:02", 187), ("node-2", "10:42:51", 182))):
        pod = actors.create(CART, after, when + 0.1, nth)
        actors.assign(pod, node, when + 0.17 + nth / 100)
        actors.crash_loop(pod, node, when + 0.2, until=at(until), restarts=4, back_offs=back_offs)
        refused = REFUSED.format(pod.address, pod.address)
        actors.probe_fails(pod, node, refused, when + 2.1, until=when + 64, count=5)
        actors.delete(pod, at("10:44:03.500") + nth / 100)
    for nth, (node, count) in enumerate((("node-1", 34), ("node-2", 29))):
        frontend = Pod(FRONTEND, FRONTEND.replica_set("5.0.2", "7:40:00"), at("7:40:00"), nth)
        actors.probe_fails(
            frontend, node, NO_BACKEND, at("10:03:15") + nth, until=at("10:41:30") + nth * 5, count=count
        )


def lost_node(actors: Actors) -> None:
    """10:17 to 10:26: node-3 is lost, its pods are moved, and a node is added for them."""
    lost = "node-3"
    actors.node_controller(lost, "NodeNotReady", f"Node {lost} status is now: NodeNotReady", at("10:17:04.300"))
    checkout = CHECKOUT.replica_set("1.42.0", "10:22:09")
    cart = CART.replica_set("2.7.0", "10:22:09")
    apps = (
        (CHECKOUT, checkout),
        (CHECKOUT_BAD, CHECKOUT_BAD.replica_set("1.42.1", "10:22:09")),
        (CART, cart),
        (CATALOG, CATALOG.replica_set("3.2.0", "10:22:09")),
        (FRONTEND, FRONTEND.replica_set("5.0.2", "10:22:09")),
        (GRAFANA, GRAFANA.replica_set("12.3.1", "10:22:09")),
        (METRICS, METRICS.replica_set("0.8.0", "10:22:09")),
    )
    moved: dict[str, Pod] = {}
    for nth, (app, owner) in enumerate(apps):
        pod = actors.placed.get((app.image, lost)) or Pod(app, owner, at("7:40:00"), 2)
        actors.pod_on_lost_node(pod, at("10:17:04.400") + nth / 50)
        actors.evict(pod, at("10:22:09.300") + nth / 50)
        moved[app.image] = actors.create(app, owner, at("10:22:09.600") + nth / 25)
        if app is not CHECKOUT_BAD:  # the kubelet returns at 10:36 and stops its old pods
            actors.stop(pod, lost, at("10:36:31.200") + nth / 50)

    exporter = Pod(NODE_EXPORTER, NODE_EXPORTER.api_object, at("7:40:00"), 3)  # pods of a DaemonSet are not moved
    actors.pod_on_lost_node(exporter, at("10:17:04.600"))

    bad = moved[CHECKOUT_BAD.image]
    actors.assign(bad, "node-2", at("10:22:09.900"))
    actors.cannot_pull(bad, "node-2", at("10:22:10.700"), until=at("10:30:58"), back_offs=39)
    actors.delete(bad, at("10:31:20.290"))
    actors.run(moved[METRICS.image], "node-1", at("10:22:10.100"), took=2_206)
    volume(actors, moved[GRAFANA.image], "node-2")

    pending = [moved[app.image] for app in (CHECKOUT, CART, CATALOG, FRONTEND)]
    for nth, pod in enumerate(pending):
        first = at("10:22:09.850") + nth / 20
        actors.cannot_schedule(pod, NO_ROOM, first, at("10:25:39") + nth / 20, 5 - nth // 2)
    actors.scale_out(pending, "workers", at("10:22:21.600"), before=3, after=4, largest=6)
    new_node(actors, "node-4", pending)
    failing_autoscaler(actors)


def failing_autoscaler(actors: Actors) -> None:
    """Without metrics-server, the horizontal pod autoscaler fails every 15 s."""
    hpa = ApiObject("HorizontalPodAutoscaler", "gateway", "payments", "autoscaling/v2", made=at("10:17:20"))
    cpu = f"failed to get cpu utilization: {NO_METRICS}"
    invalid = "invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: "
    repeats = {"type": "Warning", "count": 22, "last": at("10:22:39")}
    component = "horizontal-pod-autoscaler"
    actors.emit(hpa, "FailedGetResourceMetric", cpu, at("10:17:24"), component, **repeats)
    actors.emit(hpa, "FailedComputeMetricsReplicas", invalid + cpu, at("10:17:24.020"), component, **repeats)


def volume(actors: Actors, pod: Pod, node: str) -> None:
    """The volume of grafana is still attached to the lost node."""
    name = f"pvc-{uid('PersistentVolumeClaim', 'monitoring', 'grafana')}"
    actors.assign(pod, node, at("10:22:10.200"))
    in_use = (
        f'Multi-Attach error for volume "{name}" '
        "Volume is already exclusively attached to one node and can't be attached to another"
    )
    actors.emit(
        pod.api_object, "FailedAttachVolume", in_use, at("10:22:10.400"), "attachdetach-controller", type="Warning"
    )
    attached = f'AttachVolume.Attach succeeded for volume "{name}" '  # Kubernetes has a space at the end
    actors.emit(pod.api_object, "SuccessfulAttachVolume", attached, at("10:28:33.800"), "attachdetach-controller")
    actors.pull(pod, node, at("10:28:41"), 9_731, 9_731)
    actors.kubelet(pod, node, "Created", "Container created", at("10:28:50.800"))
    actors.kubelet(pod, node, "Started", "Container started", at("10:28:50.900"))


def new_node(actors: Actors, name: str, pending: list[Pod]) -> None:
    """10:25: a node joins. Its kubelet pulls images one at a time, so the last pod waits for all of them."""
    actors.boot(name, at("10:25:12.100"), at("10:25:41.200"))
    actors.node_controller(
        name, "RegisteredNode", f"Node {name} event: Registered Node {name} in Controller", at("10:25:15.700")
    )
    actors.start_proxy(name, at("10:25:24.500"))
    exporter = actors.create(NODE_EXPORTER, NODE_EXPORTER.api_object, at("10:25:14"))
    actors.run(exporter, name, at("10:25:14.100"), took=1_604)
    waited = 0
    for nth, (pod, took) in enumerate(zip(pending, (12_480, 8_944, 6_871, 5_260), strict=True)):
        waited += took
        actors.run(pod, name, at("10:25:42.400") + nth / 50, took=took, waited=waited)


def recovery(actors: Actors) -> None:
    """10:31: checkout is rolled back. 10:36: node-3 returns. 10:44: cart is rolled back."""
    good, bad = CHECKOUT.replica_set("1.42.0", "10:31:19"), CHECKOUT_BAD.replica_set("1.42.1", "10:31:19")
    actors.scale(CHECKOUT, bad, 2, 0, at("10:31:20.250"))
    actors.scale(CHECKOUT, good, 3, 4, at("10:31:20.280"))
    actors.run(actors.create(CHECKOUT, good, at("10:31:20.300")), "node-4", at("10:31:20.370"))

    rebooted = f"Node node-3 has been rebooted, boot id: {uid('boot', 'node-3')}"
    actors.boot("node-3", at("10:36:18.400"), at("10:36:29.100"))
    actors.node("node-3", "Rebooted", at("10:36:18.950"), rebooted, type="Warning")
    exporter = Pod(NODE_EXPORTER, NODE_EXPORTER.api_object, at("7:40:00"), 3)
    changed = "Pod sandbox changed, it will be killed and re-created."
    actors.emit(exporter.api_object, "SandboxChanged", changed, at("10:36:20.300"), "kubelet", host="node-3")
    actors.find_image(exporter, "node-3", at("10:36:21.400"))
    actors.kubelet(exporter, "node-3", "Created", "Container created", at("10:36:21.460"))
    actors.kubelet(exporter, "node-3", "Started", "Container started", at("10:36:21.530"))

    before, after = CART.replica_set("2.7.0", "10:44:02"), CART.replica_set("2.7.0, CACHE_TTL", "10:44:02")
    actors.scale(CART, after, 2, 0, at("10:44:03.400"))
    actors.scale(CART, before, 3, 4, at("10:44:03.440"))
    actors.run(actors.create(CART, before, at("10:44:03.460")), "node-3", at("10:44:03.530"))
    hpa = ApiObject("HorizontalPodAutoscaler", "gateway", "payments", "autoscaling/v2", made=at("10:51:00"))
    below = "New size: 2; reason: All metrics below target"
    actors.emit(hpa, "SuccessfulRescale", below, at("10:51:47"), "horizontal-pod-autoscaler")
    gateway = GATEWAY.replica_set("8.1.0", "10:51:00")
    actors.scale(GATEWAY, gateway, 3, 2, at("10:51:47.060"))
    deleted = Pod(GATEWAY, gateway, at("9:02:31.060"))
    actors.delete(deleted, at("10:51:47.090"))
    actors.stop(deleted, "node-2", at("10:51:47.130"))


def incident() -> str:
    """The text of the dump."""
    cluster = Cluster()
    actors = Actors(cluster)
    for part in (ordinary_morning, good_rollout, bad_rollouts, lost_node, recovery):
        part(actors)
    return cluster.listing()


if __name__ == "__main__":
    INCIDENT.write_text(incident(), encoding="utf-8")
