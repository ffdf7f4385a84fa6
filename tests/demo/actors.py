"""The components that emit events in the incident: scheduler, kubelets, controllers and autoscaler."""

from __future__ import annotations

from dataclasses import dataclass

from tests.demo.recorders import ApiObject, Cluster, at, container, digest, go_duration, uid, word

REGISTRY = "registry.example"
SCHEDULER = {"controller": "default-scheduler", "instance": "default-scheduler-control-1"}


@dataclass(frozen=True)
class App:
    """A workload with its image. size: of the image, in bytes."""

    name: str
    namespace: str
    image: str
    size: int = 0
    kind: str = "Deployment"
    port: int = 8080

    @property
    def api_object(self) -> ApiObject:
        return ApiObject(self.kind, self.name, self.namespace, "apps/v1", made=at("7:40:00"))

    def replica_set(self, revision: str, made: str) -> ApiObject:
        """The ReplicaSet of a revision, with a hash at the end of its name."""
        name = f"{self.name}-{word(10, self.name, revision)}"
        return ApiObject("ReplicaSet", name, self.namespace, "apps/v1", made=at(made))


@dataclass(frozen=True)
class Pod:
    """A pod of an app and an owner. nth: distinguishes pods created at the same time."""

    app: App
    owner: ApiObject
    made: float
    nth: int = 0

    @property
    def name(self) -> str:
        return f"{self.owner.name}-{word(5, self.owner.name, round(self.made * 1000), self.nth)}"

    @property
    def api_object(self) -> ApiObject:
        return ApiObject("Pod", self.name, self.app.namespace, made=self.made)

    @property
    def full_name(self) -> str:
        """The name as in messages of kubelets: name_namespace(uid)."""
        return f"{self.name}_{self.app.namespace}({uid('Pod', self.app.namespace, self.name)})"

    @property
    def address(self) -> str:
        number = digest(self.name)
        return f"10.42.{number % 4}.{number // 4 % 250 + 4}:{self.app.port}"


class Actors:
    """The components of a cluster. Each method emits the events of one action.

    placed: the newest pod that was assigned, by image and node.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.placed: dict[tuple[str, str], Pod] = {}

    def emit(
        self, api_object: ApiObject, reason: str, message: str, when: float, component: str, **more: object
    ) -> None:
        self.cluster.classic(api_object, reason, message, when, component=component, **more)  # type: ignore[arg-type]

    def scale(self, app: App, owner: ApiObject, before: int, after: int, when: float) -> None:
        direction = "up" if after > before else "down"
        message = f"Scaled {direction} replica set {owner.name} from {before} to {after}"
        self.emit(app.api_object, "ScalingReplicaSet", message, when, "deployment-controller")

    def create(self, app: App, owner: ApiObject, when: float, nth: int = 0) -> Pod:
        pod = Pod(app, owner, when, nth)
        component = f"{owner.kind.lower()}-controller"
        self.emit(owner, "SuccessfulCreate", f"Created pod: {pod.name}", when + 0.02, component)
        return pod

    def delete(self, pod: Pod, when: float) -> None:
        component = f"{pod.owner.kind.lower()}-controller"
        self.emit(pod.owner, "SuccessfulDelete", f"Deleted pod: {pod.name}", when, component)

    def assign(self, pod: Pod, node: str, when: float) -> None:
        self.placed[pod.app.image, node] = pod
        note = f"Successfully assigned {pod.app.namespace}/{pod.name} to {node}"
        self.cluster.series(pod.api_object, "Scheduled", note, when, action="Binding", **SCHEDULER)

    def cannot_schedule(self, pod: Pod, why: str, first: float, last: float, count: int) -> None:
        self.cluster.series(
            pod.api_object,
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
        """Emit an event of a kubelet on the pod's container, which has the name of the app."""
        self.emit(container(pod.api_object, pod.app.name), reason, message, when, "kubelet", host=node, **more)

    def pull(self, pod: Pod, node: str, when: float, took: int, waited: int) -> float:
        """Pull an image. took, waited: in milliseconds; waited includes took. Returns the time of the end."""
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
        """Assign and start a pod, with a pull if took is given. Returns the time of the start."""
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
        """A container that exits at once. After 25 events, kubelets emit one per 300 s, so counts jump."""
        repeats = {"count": restarts, "last": when + 91}
        self.find_image(pod, node, when + 0.9, **repeats)
        self.kubelet(pod, node, "Created", "Container created", when + 1.0, **repeats)
        self.kubelet(pod, node, "Started", "Container started", when + 1.1, **repeats)
        message = f"Back-off restarting failed container {pod.app.name} in pod {pod.full_name}"
        self.kubelet(pod, node, "BackOff", message, when + 4, type="Warning", count=back_offs, last=until)

    def cannot_pull(self, pod: Pod, node: str, when: float, *, until: float, back_offs: int) -> None:
        """A missing image. After four attempts the budget of 25 events is used up, and only BackOff continues."""
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
        self.kubelet(
            pod, node, "BackOff", message, when + 1.4, count=back_offs, last=until
        )  # Kubernetes emits it as Normal
        waits = {"count": 6, "last": when + 101}
        self.kubelet(pod, node, "Failed", "Error: ImagePullBackOff", when + 1.42, type="Warning", **waits)

    def probe_fails(self, pod: Pod, node: str, what: str, when: float, *, until: float, count: int) -> None:
        self.kubelet(pod, node, "Unhealthy", what, when, type="Warning", count=count, last=until)

    def evict(self, pod: Pod, when: float) -> None:
        message = f"Marking for deletion Pod {pod.app.namespace}/{pod.name}"
        self.emit(pod.api_object, "TaintManagerEviction", message, when, "taint-eviction-controller")

    def pod_on_lost_node(self, pod: Pod, when: float) -> None:
        self.emit(pod.api_object, "NodeNotReady", "Node is not ready", when, "node-controller", type="Warning")

    def node(self, name: str, reason: str, when: float, message: str = "", **more: object) -> None:
        """Emit an event of a kubelet on its node, which has the node's name as uid and no apiVersion."""
        api_object = ApiObject("Node", name, None, api_version=None, uid=name)
        self.emit(
            api_object, reason, message or f"Node {name} status is now: {reason}", when, "kubelet", host=name, **more
        )

    def node_controller(self, name: str, reason: str, message: str, when: float) -> None:
        api_object = ApiObject("Node", name, None, uid=uid("Node", name))
        self.emit(api_object, reason, message, when, "node-controller")

    def start_proxy(self, node: str, when: float) -> None:
        """Emit the start of kube-proxy, which has no message."""
        api_object = ApiObject("Node", node, None, api_version=None, uid=node)
        self.cluster.series(
            api_object,
            "Starting",
            "",
            when,
            action="StartKubeProxy",
            controller="kube-proxy",
            instance=f"kube-proxy-{node}",
        )

    def boot(self, node: str, when: float, ready: float) -> None:
        """Emit a kubelet's events from its start until the node is ready."""
        self.node(node, "Starting", when, "Starting kubelet.")
        capacity = "invalid capacity 0 on image filesystem"
        self.node(node, "InvalidDiskCapacity", when + 0.02, capacity, type="Warning")
        for step, reason in enumerate(("NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID")):
            self.node(node, reason, when + 0.1 + step / 1000, count=2, last=when + 0.6)
        self.node(node, "NodeAllocatableEnforced", when + 0.2, "Updated Node Allocatable limit across pods")
        self.node(node, "NodeReady", ready)

    def scale_out(self, pods: list[Pod], group: str, when: float, *, before: int, after: int, largest: int) -> None:
        """The cluster autoscaler adds nodes for pending pods."""
        status = ApiObject("ConfigMap", "cluster-autoscaler-status", "kube-system", made=when)
        sizes = f"{after} instead of {before} (max: {largest})"
        component = "cluster-autoscaler"
        self.emit(status, "ScaledUpGroup", f"Scale-up: setting group {group} size to {sizes}", when, component)
        self.emit(status, "ScaledUpGroup", f"Scale-up: group {group} size set to {sizes}", when + 0.7, component)
        message = f"pod triggered scale-up: [{{{group} {before}->{after} (max: {largest})}}]"
        for pod in pods:
            self.emit(pod.api_object, "TriggeredScaleUp", message, when + 0.9, component)

    def job_run(self, cron: ApiObject, app: App, node: str, due: float, seconds: float) -> None:
        """An hourly run of a CronJob, which also deletes the run of three hours before."""
        minutes = round((due + 1_773_446_400) / 60)  # since 1970, as the cronjob controller names its jobs
        job = ApiObject("Job", f"{cron.name}-{minutes}", cron.namespace, "batch/v1", made=due)
        self.emit(cron, "SuccessfulCreate", f"Created job {job.name}", due + 0.1, "cronjob-controller")
        pod = self.create(app, job, due + 0.15)
        ended = self.run(pod, node, due + 0.2) + seconds
        self.emit(job, "Completed", "Job completed", ended, "job-controller")
        message = f"Saw completed job: {job.name}, condition: Complete"
        self.emit(cron, "SawCompletedJob", message, ended + 0.03, "cronjob-controller")
        self.emit(
            cron, "SuccessfulDelete", f"Deleted job {cron.name}-{minutes - 180}", ended + 0.2, "cronjob-controller"
        )
