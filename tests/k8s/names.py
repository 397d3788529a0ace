"""Names in the manifests that stand for something elsewhere: flags, ports, paths, files, keys of the configuration, metrics."""

import json
import re
import subprocess
import tempfile
import pathlib

from manifests import WORKLOADS, component, look, named, of_kind, template, title, walk

SOURCES = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAMS = ["tikhaul", "tikhaul-coordinator", "tikhaul-worker"]
METRIC = re.compile(r"\btikhaul_[a-z0-9_]+\b")


def port_of(address):
    return int(address.rsplit(":", 1)[1])


def read_config(programs, objects):
    """(the configuration of the ConfigMap as our reader understands it, problems)"""
    maps = [one for one in of_kind(objects, "ConfigMap") if "tikhaul.yaml" in one["data"]]
    if len(maps) != 1:
        return {}, [f"{len(maps)} ConfigMaps hold a tikhaul.yaml, and one must"]
    with tempfile.TemporaryDirectory() as scratch:
        file = pathlib.Path(scratch) / "tikhaul.yaml"
        file.write_text(maps[0]["data"]["tikhaul.yaml"])
        run = subprocess.run([programs / "config_as_json", file], capture_output=True, text=True)
        if run.returncode != 0:
            return {}, [line.removeprefix(f"{scratch}/") for line in run.stderr.splitlines()]
        return json.loads(run.stdout), []


def our_containers(objects):
    for workload in of_kind(objects, *WORKLOADS):
        for container in template(workload)["spec"]["containers"]:
            if "tikhaul" in container["image"]:
                yield workload, container


def help_of(programs, words):
    run = subprocess.run([programs / words[0], *words[1:], "--help"], capture_output=True, text=True)
    return run.stdout if run.returncode == 0 else ""


def check_flags(programs, objects):
    for workload, container in our_containers(objects):
        words = list(container["command"])
        if words[0] not in PROGRAMS:
            yield f"{title(workload)}: {words[0]} is not in the image"
            continue
        args = container.get("args", [])
        # The help of a command of tikhaul names the global options only in that of the program.
        words += [word for word in args if not word.startswith("-")]
        general = help_of(programs, words[:1])
        if len(words) > 1 and words[1] not in re.findall(r"^  ([a-z-]+) ", general, re.M):
            yield f"{title(workload)}: `{' '.join(words)}` is no command"
            continue
        known = set(re.findall(r"--[a-z][a-z-]*", help_of(programs, words) + general))
        for word in args:
            if word.startswith("-") and word.split("=")[0] not in known:
                yield f"{title(workload)}: `{' '.join(words)}` has no flag {word.split('=')[0]}"
        variables = {one["name"] for one in container.get("env", [])}
        for name in re.findall(r"\$\(([A-Z_]+)\)", " ".join(args)):
            if name not in variables:
                yield f"{title(workload)}: $({name}) is not in its env"


def check_image(tree, objects):
    version = re.search(r"^project\(tikhaul VERSION ([0-9.]+) ", (tree / "CMakeLists.txt").read_text(), re.M)[1]
    for workload, container in our_containers(objects):
        if container["image"].rsplit(":", 1)[-1] != version:
            yield f"{title(workload)}: the image {container['image']} is not of version {version}"


def check_ports(config, objects):
    """Ports of containers, Services, policies and addresses are those at which the configuration listens."""
    grpc = port_of(look(config, "coordinator.listen"))
    listens = {
        "coordinator": {"grpc": grpc, "http": port_of(look(config, "coordinator.http"))},
        "worker": {"http": port_of(look(config, "worker.http"))},
    }
    ports = {}  # of each kind of pod, by name
    for workload in of_kind(objects, *WORKLOADS):
        pod = template(workload)
        given = {port["name"]: port["containerPort"] for one in pod["spec"]["containers"] for port in one.get("ports", [])}
        ports[component(pod)] = given
        wanted = listens.get(component(pod), given)
        if given != wanted:
            yield f"{title(workload)}: has the ports {given}, and the configuration says {wanted}"
        for path, key, value in walk(pod):
            if key == "port" and path.endswith(("httpGet", "tcpSocket")) and value not in given:
                yield f"{title(workload)}: {path} asks the port {value}, which it does not have"
    for service in of_kind(objects, "Service"):
        selector = service["spec"]["selector"]
        pods = ports.get(selector.get("app.kubernetes.io/component") or selector["app.kubernetes.io/name"], {})
        for port in service["spec"]["ports"]:
            if pods.get(port["targetPort"]) != port["port"]:
                yield f"{title(service)}: port {port['port']} is not that of its pods ({port['targetPort']})"
    addresses = re.findall(r"[a-z0-9.-]+\.tikhaul\.svc:\d+", json.dumps([config, of_kind(objects, "ScaledObject")]))
    for address in addresses:
        host = address.split(".")[0]
        if named(objects, "Service", host) is None or port_of(address) != grpc:
            yield f"{address}: there is no such Service, or it has another port"
    for word in template(named(objects, "StatefulSet", "tikhaul-coordinator"))["spec"]["containers"][0]["args"]:
        if word.startswith("--advertise=") and port_of(word) != grpc:
            yield f"{word}: the coordinator listens at {grpc}"


def served_paths():
    """What stands as a path in the sources of the programs."""
    files = [file for part in ("common", "coordinator", "worker") for file in (SOURCES / part).rglob("*.cc")]
    return {path for file in files for path in re.findall(r'"(/[a-z]+)"', file.read_text())}


def check_paths(objects):
    """Paths that are asked over HTTP are served, and Services give Prometheus the ports."""
    asked = {look(container, f"{probe}.httpGet.path")
             for _, container in our_containers(objects) for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    for monitor in of_kind(objects, "ServiceMonitor"):
        asked |= {endpoint["path"] for endpoint in monitor["spec"]["endpoints"]}
        wanted = monitor["spec"]["selector"]["matchLabels"]
        services = [one for one in of_kind(objects, "Service")
                    if wanted.items() <= one["metadata"].get("labels", {}).items()]
        ports = {port["name"] for service in services for port in service["spec"]["ports"]}
        if not services or any(endpoint["port"] not in ports for endpoint in monitor["spec"]["endpoints"]):
            yield f"{title(monitor)}: finds no Service with its ports"
    for path in sorted(asked - {None} - served_paths()):
        yield f"no program serves the path {path}"


def secrets_of(objects, others):
    """Keys of each Secret: those in the overlay, those cert-manager makes, and those that the user brings."""
    keys = {one["metadata"]["name"]: set(one["data"]) for one in others + objects if one["kind"] == "Secret"}
    for one in of_kind(objects, "Certificate"):
        keys[one["spec"]["secretName"]] = {"ca.crt", "tls.crt", "tls.key"}
    return keys


def files_of(pod, secrets, maps):
    """Paths of files from ConfigMaps and Secrets that are there in a pod's first container; what is named and not there."""
    files, missing = set(), []
    for mount in pod["spec"]["containers"][0].get("volumeMounts", []):
        volume = next((one for one in pod["spec"].get("volumes", []) if one["name"] == mount["name"]), {})
        sources = look(volume, "projected.sources") or [volume]
        for source in sources:
            of_secret = "secret" in source
            inner = source.get("secret") or source.get("configMap")
            if inner is None:
                continue
            name = inner.get("secretName") or inner.get("name")
            keys = (secrets if of_secret else maps).get(name)
            if keys is None:
                missing.append(name)
                continue
            items = inner.get("items") or [{"key": key, "path": key} for key in keys]
            missing += [f"{name}, key {item['key']}" for item in items if item["key"] not in keys]
            files |= {f"{mount['mountPath']}/{item['path']}" for item in items}
    return files, missing


def check_files(rules, config, objects, secrets):
    maps = {one["metadata"]["name"]: set(one["data"]) for one in of_kind(objects, "ConfigMap")}
    for workload in of_kind(objects, *WORKLOADS):
        pod = template(workload)
        files, missing = files_of(pod, secrets, maps)
        for name in missing:
            yield f"{title(workload)}: there is no {name}"
        wanted = [look(config, path) for path in rules["reads"].get(component(pod), [])]
        for word in pod["spec"]["containers"][0].get("args", []):
            if word.startswith("--config="):
                wanted.append(word.removeprefix("--config="))
        for path in wanted:
            if path not in files:
                yield f"{title(workload)}: reads the file {path}, which is not mounted"
    for one in of_kind(objects, "TriggerAuthentication", "ServiceMonitor"):
        for path, _, inner in walk(one["spec"]):
            for reference in inner if isinstance(inner, list) else [inner]:
                if isinstance(reference, dict) and {"name", "key"} <= set(reference):
                    if reference["key"] not in secrets.get(reference["name"], ()):
                        yield f"{title(one)}: there is no Secret {reference['name']} with {reference['key']} ({path})"


def check_identities(config, certificates):
    """Each certificate that `identities` names is made, for each role that pods of ours have."""
    identities = config.get("identities", [])
    for one in identities:
        name = one.get("certificate_name")
        if name and name not in certificates:
            yield f"identities: nobody makes a certificate of {name}"
    for role in ("ROLE_COORDINATOR", "ROLE_WORKER", "ROLE_OPERATOR", "ROLE_SCALER"):
        if not any(one["role"] == role and one.get("certificate_name") for one in identities):
            yield f"identities: nobody is {role}"


def check_metrics(tree, objects):
    text = json.dumps(of_kind(objects, "HorizontalPodAutoscaler", "PrometheusRule"))
    list_of_all = (tree / "docs/metrics.md").read_text()
    known = set(METRIC.findall(list_of_all))
    # A histogram's series.
    known |= {name + suffix for name in known for suffix in ("_bucket", "_sum", "_count")}
    for name in sorted(set(METRIC.findall(text)) - known):
        yield f"the metric {name} is not in docs/metrics.md"
