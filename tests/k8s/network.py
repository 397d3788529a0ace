"""Which ways the NetworkPolicies leave open: worked out as a cluster does, and held against policy.yaml."""

import ipaddress

from manifests import WORKLOADS, component, of_kind, template

PORTS = [53, 443, 5432, 6379, 7733, 7780, 7781, 9999]
# Others that packets may come from or go to.
PODS_ELSEWHERE = {
    "dns": ("kube-system", {"k8s-app": "kube-dns"}),
    "keda": ("keda", {"app": "keda-operator"}),
    "prometheus": ("monitoring", {"app.kubernetes.io/name": "prometheus"}),
    "stranger": ("default", {"app.kubernetes.io/name": "tikhaul", "app.kubernetes.io/component": "worker"}),
    "neighbour": ("tikhaul", {"app.kubernetes.io/name": "something-else"}),
}
ADDRESSES = {"internet": "203.0.113.9", "private": "10.1.2.3", "metadata": "169.254.169.254"}


def selects(selector, labels):
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    for rule in selector.get("matchExpressions", []):
        if rule["operator"] != "In":
            raise SystemExit(f"network.py does not know the operator {rule['operator']}")
        if labels.get(rule["key"]) not in rule["values"]:
            return False
    return True


def is_peer(peer, other):
    if "ipBlock" in peer:
        if "address" not in other:
            return False
        block, address = peer["ipBlock"], ipaddress.ip_address(other["address"])
        return address in ipaddress.ip_network(block["cidr"]) and not any(
            address in ipaddress.ip_network(hole) for hole in block.get("except", []))
    if "labels" not in other:
        return False
    if "namespaceSelector" in peer:
        if not selects(peer["namespaceSelector"], {"kubernetes.io/metadata.name": other["namespace"]}):
            return False
    elif other["namespace"] != "tikhaul":
        return False
    return selects(peer.get("podSelector", {}), other["labels"])


def open_to(policies, direction, pod, other, port):
    """Whether the policies of a pod of ours let packets from or to the other pass at this port."""
    if pod.get("namespace") != "tikhaul":
        return True  # not ours to forbid
    side, key = ("ingress", "from") if direction == "Ingress" else ("egress", "to")
    mine = [one["spec"] for one in policies
            if direction in one["spec"]["policyTypes"] and selects(one["spec"]["podSelector"], pod["labels"])]
    return not mine or any(
        (key not in rule or any(is_peer(peer, other) for peer in rule[key]))
        and ("ports" not in rule or port in [one["port"] for one in rule["ports"]])
        for spec in mine for rule in spec.get(side, []))


def flows(objects):
    ends = {name: {"namespace": namespace, "labels": labels} for name, (namespace, labels) in PODS_ELSEWHERE.items()}
    ends.update({name: {"address": address} for name, address in ADDRESSES.items()})
    ours = {}
    for workload in of_kind(objects, *WORKLOADS):
        pod = template(workload)
        ours[component(pod)] = {"namespace": "tikhaul", "labels": pod["metadata"]["labels"]}
    ends.update(ours)
    policies = of_kind(objects, "NetworkPolicy")
    for source, sender in ends.items():
        for target, receiver in ends.items():
            if source not in ours and target not in ours:
                continue
            for port in PORTS:
                if open_to(policies, "Egress", sender, receiver, port) and open_to(policies, "Ingress", receiver, sender, port):
                    yield f"{source} -> {target}:{port}"


def flatten(wanted):
    for one in wanted:
        yield from flatten(one) if isinstance(one, list) else [one]


def check_flows(rules, overlay, objects):
    found = set(flows(objects))
    wanted = set(flatten(rules["flows"]["all"] + rules["flows"][overlay]))
    for flow in sorted(found - wanted):
        yield f"NetworkPolicies leave open what nobody needs: {flow}"
    for flow in sorted(wanted - found):
        yield f"NetworkPolicies forbid what is needed: {flow}"
