"""Who acts in the incident: a scheduler, kubelets, controllers, an autoscaler, word for word as they speak."""

from __future__ import annotations

from dataclasses import dataclass

from tests.demo.recorders import Cluster, Thing, at, container, digest, go_duration, uid, word

REGISTRY = "registry.example"
SCHEDULER = {"controller": "default-scheduler", "instance": "default-scheduler-control-1"}


@dataclass(frozen=True)
class App:
    """A workload: its containers' image and how large that is."""

    name: str
    namespace: str
    image: str
    size: int = 0
    kind: str = "Deployment"
    port: int = 8080

    @property
    def thing(self) -> Thing:
        return Thing(self.kind, self.name, self.namespace, "apps/v1", made=at("7:40:00"))

    def replica_set(self, revision: str, made: str) -> Thing:
        """The ReplicaSet of one revision; its name ends in a hash of the pod template."""
        name = f"{self.name}-{word(10, self.name, revision)}"
        return Thing("ReplicaSet", name, self.namespace, "apps/v1", made=at(made))


@dataclass(frozen=True)
class Pod:
    """A pod of an app, of a certain owner, on its node (none while it is pending)."""

    app: App
    owner: Thing
    made: float
    nth: int = 0

    @property
    def name(self) -> str:
        return f"{self.owner.name}-{word(5, self.owner.name, round(self.made * 1000), self.nth)}"

    @property
    def thing(self) -> Thing:
        return Thing("Pod", self.name, self.app.namespace, made=self.made)

    @property
    def full_name(self) -> str:
        """Kubelets' way to name a pod: name_namespace(uid)."""
        return f"{self.name}_{self.app.namespace}({uid('Pod', self.app.namespace, self.name)})"

    @property
    def address(self) -> str:
        number = digest(self.name)
        return f"10.42.{number % 4}.{number // 4 % 250 + 4}:{self.app.port}"


class Actors:
    """The components of one cluster; every method is something that one of them does and says.

    placed: the newest pod of an image on a node, of those whose start the events tell.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.placed: dict[tuple[str, str], Pod] = {}

    def say(self, thing: Thing, reason: str, message: str, when: float, component: str, **more: object) -> None:
        self.cluster.classic(thing, reason, message, when, component=component, **more)  # type: ignore[arg-type]

    def scale(self, app: App, owner: Thing, before: int, after: int, when: float) -> None:
        direction = "up" if after > before else "down"
        message = f"Scaled {direction} replica set {owner.name} from {before} to {after}"
        self.say(app.thing, "ScalingReplicaSet", message, when, "deployment-controller")

    def create(self, app: App, owner: Thing, when: float, nth: int = 0) -> Pod:
        pod = Pod(app, owner, when, nth)
        component = f"{owner.kind.lower()}-controller"
        self.say(owner, "SuccessfulCreate", f"Created pod: {pod.name}", when + 0.02, component)
        return pod

    def delete(self, pod: Pod, when: float) -> None:
        component = f"{pod.owner.kind.lower()}-controller"
        self.say(pod.owner, "SuccessfulDelete", f"Deleted pod: {pod.name}", when, component)

    def assign(self, pod: Pod, node: str, when: float) -> None:
        self.placed[pod.app.image, node] = pod
        note = f"Successfully assigned {pod.app.namespace}/{pod.name} to {node}"
        self.cluster.series(pod.thing, "Scheduled", note, when, action="Binding", **SCHEDULER)

    def cannot_schedule(self, pod: Pod, why: str, first: float, last: float, count: int) -> None:
        self.cluster.series(
            pod.thing,
            "FailedScheduling",
            why,
            first,
            action="Scheduling",
            type="Warning",
            count=count,
            last=last,
            **SCHEDULER,
        )

    def kubelet(self, pod: Pod, node: str, reason: str, message: str, when: float, **more: object) -> None:
        """An event about the pod's one container, which is named like its app."""
        self.say(container(pod.thing, pod.app.name), reason, message, when, "kubelet", host=node, **more)

    def pull(self, pod: Pod, node: str, when: float, took: int, waited: int) -> float:
        """A pull that succeeds; took and waited in milliseconds, waiting includes pulling."""
        image = pod.app.image
        spent = f"in {go_duration(took)} ({go_duration(waited)} including waiting)"
        self.kubelet(pod, node, "Pulling", f'Pulling image "{image}"', when)
        message = f'Successfully pulled image "{image}" {spent}. Image size: {pod.app.size} bytes.'
        self.kubelet(pod, node, "Pulled", message, when + waited / 1000)
        return when + waited / 1000

    def find_image(self, pod: Pod, node: str, when: float, **more: object) -> None:
        message = f'Container image "{pod.app.image}" already present on machine and can be accessed by the pod'
        self.kubelet(pod, node, "Pulled", message, when, **more)

    def run(self, pod: Pod, node: str, when: float, *, took: int = 0, waited: int = 0) -> float:
        """From its assignment to its start, with a pull where that takes time; when it started."""
        self.assign(pod, node, when)
        ready = when + 0.9
        if took:
            ready = self.pull(pod, node, ready, took, max(took, waited))
        else:
            self.find_image(pod, node, ready)
        self.kubelet(pod, node, "Created", "Container created", ready + 0.06)
        self.kubelet(pod, node, "Started", "Container started", ready + 0.13)
        return ready + 0.13

    def stop(self, pod: Pod, node: str, when: float) -> None:
        self.kubelet(pod, node, "Killing", f"Stopping container {pod.app.name}", when)

    def crash_loop(self, pod: Pod, node: str, when: float, *, until: float, restarts: int, back_offs: int) -> None:
        """A container that ends at once: 25 events are free, then one is written every 300 s and counts jump."""
        repeats = {"count": restarts, "last": when + 91}
        self.find_image(pod, node, when + 0.9, **repeats)
        self.kubelet(pod, node, "Created", "Container created", when + 1.0, **repeats)
        self.kubelet(pod, node, "Started", "Container started", when + 1.1, **repeats)
        message = f"Back-off restarting failed container {pod.app.name} in pod {pod.full_name}"
        self.kubelet(pod, node, "BackOff", message, when + 4, type="Warning", count=back_offs, last=until)

    def cannot_pull(self, pod: Pod, node: str, when: float, *, until: float, back_offs: int) -> None:
        """An image that is not there: after four tries the 25 free events are used up, then BackOff alone."""
        image = pod.app.image
        tries = {"count": 4, "last": when + 88}
        self.kubelet(pod, node, "Pulling", f'Pulling image "{image}"', when, **tries)
        missing = (
            f'Failed to pull image "{image}": rpc error: code = NotFound desc = failed to pull and unpack image '
            f'"{image}": failed to resolve reference "{image}": {image}: not found'
        )
        self.kubelet(pod, node, "Failed", missing, when + 0.7, type="Warning", **tries)
        self.kubelet(pod, node, "Failed", "Error: ErrImagePull", when + 0.72, type="Warning", **tries)
        message = f'Back-off pulling image "{image}"'
        self.kubelet(pod, node, "BackOff", message, when + 1.4, count=back_offs, last=until)  # Normal, of all things
        waits = {"count": 6, "last": when + 101}
        self.kubelet(pod, node, "Failed", "Error: ImagePullBackOff", when + 1.42, type="Warning", **waits)

    def probe_fails(self, pod: Pod, node: str, what: str, when: float, *, until: float, count: int) -> None:
        self.kubelet(pod, node, "Unhealthy", what, when, type="Warning", count=count, last=until)

    def evict(self, pod: Pod, when: float) -> None:
        message = f"Marking for deletion Pod {pod.app.namespace}/{pod.name}"
        self.say(pod.thing, "TaintManagerEviction", message, when, "taint-eviction-controller")

    def pod_on_lost_node(self, pod: Pod, when: float) -> None:
        self.say(pod.thing, "NodeNotReady", "Node is not ready", when, "node-controller", type="Warning")

    def node(self, name: str, reason: str, when: float, message: str = "", **more: object) -> None:
        """A kubelet about its own node: it puts the node's name where the uid belongs, and no apiVersion."""
        thing = Thing("Node", name, None, api_version=None, uid=name)
        self.say(thing, reason, message or f"Node {name} status is now: {reason}", when, "kubelet", host=name, **more)

    def node_controller(self, name: str, reason: str, message: str, when: float) -> None:
        thing = Thing("Node", name, None, uid=uid("Node", name))
        self.say(thing, reason, message, when, "node-controller")

    def start_proxy(self, node: str, when: float) -> None:
        """kube-proxy reports its start without a word."""
        thing = Thing("Node", node, None, api_version=None, uid=node)
        self.cluster.series(
            thing, "Starting", "", when, action="StartKubeProxy", controller="kube-proxy", instance=f"kube-proxy-{node}"
        )

    def boot(self, node: str, when: float, ready: float) -> None:
        """What a kubelet says of its node when it starts, until the node is ready."""
        self.node(node, "Starting", when, "Starting kubelet.")
        capacity = "invalid capacity 0 on image filesystem"
        self.node(node, "InvalidDiskCapacity", when + 0.02, capacity, type="Warning")
        for step, reason in enumerate(("NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID")):
            self.node(node, reason, when + 0.1 + step / 1000, count=2, last=when + 0.6)
        self.node(node, "NodeAllocatableEnforced", when + 0.2, "Updated Node Allocatable limit across pods")
        self.node(node, "NodeReady", ready)

    def scale_out(self, pods: list[Pod], group: str, when: float, *, before: int, after: int, largest: int) -> None:
        """The cluster autoscaler adds nodes for pods that found no room."""
        status = Thing("ConfigMap", "cluster-autoscaler-status", "kube-system", made=when)
        sizes = f"{after} instead of {before} (max: {largest})"
        component = "cluster-autoscaler"
        self.say(status, "ScaledUpGroup", f"Scale-up: setting group {group} size to {sizes}", when, component)
        self.say(status, "ScaledUpGroup", f"Scale-up: group {group} size set to {sizes}", when + 0.7, component)
        message = f"pod triggered scale-up: [{{{group} {before}->{after} (max: {largest})}}]"
        for pod in pods:
            self.say(pod.thing, "TriggeredScaleUp", message, when + 0.9, component)

    def job_run(self, cron: Thing, app: App, node: str, due: float, seconds: float) -> None:
        """A CronJob's hourly run, from its due time until the run of three hours before is deleted."""
        minutes = round((due + 1_773_446_400) / 60)  # since 1970, as the cronjob controller names its jobs
        job = Thing("Job", f"{cron.name}-{minutes}", cron.namespace, "batch/v1", made=due)
        self.say(cron, "SuccessfulCreate", f"Created job {job.name}", due + 0.1, "cronjob-controller")
        pod = self.create(app, job, due + 0.15)
        ended = self.run(pod, node, due + 0.2) + seconds
        self.say(job, "Completed", "Job completed", ended, "job-controller")
        message = f"Saw completed job: {job.name}, condition: Complete"
        self.say(cron, "SawCompletedJob", message, ended + 0.03, "cronjob-controller")
        self.say(
            cron, "SuccessfulDelete", f"Deleted job {cron.name}-{minutes - 180}", ended + 0.2, "cronjob-controller"
        )
