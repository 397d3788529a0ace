"""Rules of policy.yaml that concern single objects."""

import re

from manifests import LONG_RUNNING, WORKLOADS, component, look, named, of_kind, size, template, title, walk


def check_values(where, value, wanted):
    for path, want in wanted.items():
        if look(value, path) != want:
            yield f"{where}: {path} is {look(value, path)!r}, and must be {want!r}"


def check_container(rules, where, container, long_running):
    yield from check_values(where, container, rules["container"])
    for path in rules["container_has"] + (rules["long_running_container_has"] if long_running else []):
        if look(container, path) is None:
            yield f"{where}: {path} is missing"
    if look(container, "resources.requests.memory") != look(container, "resources.limits.memory"):
        yield f"{where}: memory requested and limit differ"


def check_objects(rules, objects):
    for one in objects:
        if one["kind"] in rules["kinds_never"]:
            yield f"{title(one)}: pods of ours have no rights in the cluster"
        if one["kind"] == "ServiceAccount" and one.get("automountServiceAccountToken") is not False:
            yield f"{title(one)}: automountServiceAccountToken must be false"
        if one["kind"] != "Namespace" and one["metadata"].get("namespace") != "tikhaul":
            yield f"{title(one)}: is not in the namespace tikhaul"
    for one in of_kind(objects, "Namespace"):
        yield from check_values(title(one), one, rules["namespace"])
    for name, wanted in rules["objects"].items():
        found = [one for one in objects if title(one) == name]
        if not found:
            yield f"{name} is missing"
        for one in found:
            yield from check_values(name, one, wanted)


def check_pods(rules, objects):
    for workload in of_kind(objects, *WORKLOADS):
        pod, where = template(workload), title(workload)
        yield from check_values(where, pod, rules["pod"])
        for path, key, _ in walk(pod):
            if key in rules["pod_never"]:
                yield f"{where}: {path}.{key} may not be there"
        account = pod["spec"].get("serviceAccountName")
        if account is not None and named(objects, "ServiceAccount", account) is None:
            yield f"{where}: there is no ServiceAccount {account}"
        for container in pod["spec"].get("initContainers", []) + pod["spec"]["containers"]:
            yield from check_container(rules, f"{where}, container {container['name']}", container, workload["kind"] in LONG_RUNNING)


def check_probes(rules, objects):
    for workload in of_kind(objects, *LONG_RUNNING):
        for container in template(workload)["spec"]["containers"]:
            if "tikhaul" not in container["image"]:
                continue
            for name, want in rules["probes"].items():
                probe, where = container.get(name) or {}, f"{title(workload)}: {name}"
                if look(probe, "httpGet.path") != want["path"] or look(probe, "httpGet.scheme") != "HTTPS":
                    yield f"{where} must ask {want['path']} by HTTPS"
                patience = probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3)
                if patience < want["patience_seconds"]:
                    yield f"{where} has a patience of {patience} s, and needs {want['patience_seconds']} s"


def constant(tree, rule):
    found = re.search(rule["pattern"], (tree / rule["file"]).read_text())
    if not found:
        raise SystemExit(f"{rule['file']}: {rule['pattern']} is not found: policy.yaml must be told how long stopping takes now")
    return int(found[1]) * rule["unit"]


def check_grace(rules, tree, objects):
    grace = rules["grace"]
    worker = template(named(objects, "Deployment", "tikhaul-worker"))["spec"]
    given = [word for word in worker["containers"][0]["args"] if word.startswith("--grace=")]
    seconds = int(given[0].removeprefix("--grace=")) if given else 0
    if seconds < grace["chunk_seconds"] + grace["commit_seconds"]:
        yield f"Deployment tikhaul-worker: --grace={seconds} is too short for a chunk of {grace['chunk_seconds']} s and its commit"
    needed = seconds + constant(tree, grace["worker_patience"]) + grace["margin_seconds"]
    if worker["terminationGracePeriodSeconds"] < needed:
        yield f"Deployment tikhaul-worker: terminationGracePeriodSeconds must be {needed} at least"
    coordinator = template(named(objects, "StatefulSet", "tikhaul-coordinator"))["spec"]
    wait = look(coordinator, "containers.0.lifecycle.preStop.exec.command") or ["sleep", "0"]
    needed = int(wait[1]) + constant(tree, grace["coordinator_stop"]) + grace["margin_seconds"]
    if coordinator["terminationGracePeriodSeconds"] < needed:
        yield f"StatefulSet tikhaul-coordinator: terminationGracePeriodSeconds must be {needed} at least"


def check_most_workers(config, objects):
    most = look(config, "coordinator.most_workers")
    for kind, path in (("ScaledObject", "spec.maxReplicaCount"), ("HorizontalPodAutoscaler", "spec.maxReplicas")):
        for one in of_kind(objects, kind):
            if most is not None and look(one, path) != int(most):
                yield f"{title(one)}: {path} is {look(one, path)}, and coordinator.most_workers is {most}"


def check_room(rules, config, objects):
    """Memory and disk: what the configuration lets a program take fits into what its pod has."""
    for workload in of_kind(objects, *LONG_RUNNING):
        pod = template(workload)
        rule = rules["memory"].get(component(pod))
        if rule is None:
            continue
        limit = size(look(pod, "spec.containers.0.resources.limits.memory"))
        needed = size(rule["beside"]) + int(look(config, rule["setting"]))
        if limit < needed:
            yield f"{title(workload)}: has {limit} bytes of memory, and {rule['setting']} makes it need {needed}"
    coordinator = named(objects, "StatefulSet", "tikhaul-coordinator")
    spool = look(config, "coordinator.spool_dir")
    pod = template(coordinator)["spec"]
    mounts = [mount["name"] for mount in pod["containers"][0]["volumeMounts"] if mount["mountPath"] == spool]
    room = [volume["emptyDir"]["sizeLimit"] for volume in pod["volumes"] if volume["name"] in mounts and "emptyDir" in volume]
    if not room:
        yield f"{title(coordinator)}: no emptyDir is mounted at {spool}, which is coordinator.spool_dir"
    elif not int(look(config, "coordinator.spool_disk_bytes")) < size(room[0]) <= size(
            look(pod, "containers.0.resources.limits.ephemeral-storage")):
        yield f"{title(coordinator)}: spool_disk < sizeLimit of the spool <= limit of ephemeral-storage does not hold"
