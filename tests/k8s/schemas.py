"""Validates the built-in kinds by kubernetes-validate, strictly: unknown fields are errors, too."""

import copy
import pathlib
import sys

import kubernetes_validate

from manifests import of_kind, render, title

VERSIONS = ["1.27", "1.37"]  # docs/kubernetes.md names them
TREE = pathlib.Path(__file__).resolve().parent.parent.parent


def problem(one, version):
    try:
        kubernetes_validate.validate(one, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{'.'.join(map(str, error.absolute_path))}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError as error:
        return error.message
    return None


def built_in(one):
    group = one["apiVersion"].split("/")[0]
    return "." not in group or group.endswith(".k8s.io")


def sees_planted(deployment):
    """A check that finds nothing anywhere would be none."""
    unknown, wrong = copy.deepcopy(deployment), copy.deepcopy(deployment)
    unknown["spec"]["template"]["spec"]["containers"][0]["imagePullPolice"] = "Always"
    wrong["spec"]["strategy"]["rollingUpdate"]["maxSurge"] = ["many"]
    return all(problem(one, version) for one in (unknown, wrong) for version in VERSIONS)


def main():
    rendered = render(TREE)
    found, count = [], 0
    for overlay, objects in rendered.items():
        for one in filter(built_in, objects):
            count += 1
            found += [f"{overlay}: {title(one)}: Kubernetes {version}: {wrong}" for version in VERSIONS if (wrong := problem(one, version))]
    if not sees_planted(of_kind(rendered["production"], "Deployment")[0]):
        found.append("planted faults are not seen")
    print(*found, f"{count} objects, {len(found)} problems", sep="\n")
    return 1 if found or count == 0 else 0


sys.exit(main())
