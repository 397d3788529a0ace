"""The rendered objects of k8s/, and ways to look into them."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import yaml

OVERLAYS = ["local", "production", "autoscaling", "autoscaling-hpa"]
LONG_RUNNING = {"Deployment", "StatefulSet"}
WORKLOADS = LONG_RUNNING | {"Job", "CronJob"}


def render(tree):
    """The objects of each overlay. The Secrets' files are made as a user makes them, in a copy of the tree."""
    with tempfile.TemporaryDirectory() as scratch:
        k8s = pathlib.Path(scratch) / "k8s"
        shutil.copytree(tree / "k8s", k8s, ignore=shutil.ignore_patterns("files"))
        (k8s.parent / "scripts").symlink_to((tree / "scripts").resolve())
        files = k8s / "options/secrets/files"
        files.mkdir()
        for yours in ("app_secret", "access_token"):
            (files / yours).write_text("planted")
        subprocess.run([k8s / "make-secrets"], check=True, stdout=subprocess.DEVNULL)
        return {overlay: _kustomize(k8s / "overlays" / overlay) for overlay in OVERLAYS}


def _kustomize(folder):
    command = [os.environ.get("KUBECTL", "kubectl"), "kustomize", str(folder)]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        raise SystemExit(f"{folder.name}: {run.stderr.strip()}")
    return [one for one in yaml.safe_load_all(run.stdout) if one]


def title(one):
    return f"{one['kind']} {one['metadata']['name']}"


def of_kind(objects, *kinds):
    return [one for one in objects if one["kind"] in kinds]


def named(objects, kind, name):
    found = [one for one in of_kind(objects, kind) if one["metadata"]["name"] == name]
    return found[0] if found else None


def template(workload):
    """The pod's metadata and spec within a workload."""
    spec = workload["spec"]
    return (spec["jobTemplate"]["spec"] if workload["kind"] == "CronJob" else spec)["template"]


def component(pod):
    labels = pod["metadata"]["labels"]
    return labels.get("app.kubernetes.io/component") or labels["app.kubernetes.io/name"]


def look(value, path):
    """The value at a path such as "spec.ports.0.name"; None where there is nothing. A dot within a name is written "\\."."""
    for step in re.split(r"(?<!\\)\.", path):
        step = step.replace("\\.", ".")
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def walk(value, path=""):
    """Each (path, key, value) of all mappings within."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield path, key, inner
            yield from walk(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, f"{path}.{index}")


def size(text):
    """Bytes of a quantity such as 512Mi."""
    for unit, factor in (("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40)):
        if str(text).endswith(unit):
            return int(text[:-2]) * factor
    return int(text)
