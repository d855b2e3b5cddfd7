#!/usr/bin/env python3
"""Checks of deploy/kubernetes what no schema knows: that files, names, selectors, limits and times fit each
other.

usage: kubernetes.py FOLDER LIMITS.md

Prints a line for each check. Needs PyYAML. Exit status: 0 all hold, 1 one does not."""

import math
import pathlib
import re
import sys

import yaml
from checks import GIVE_UP_SECONDS, Checks, defaults_of_settings, seconds

MIB = 1 << 20
# docs/limits.md, "What is held, and what that bounds".
IDLE_BYTES = 10 * MIB
CONNECTION_BYTES = 16 << 10
LARGEST_REPLY_BYTES = 9_437_212
HARDENING = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
             "capabilities": {"drop": ["ALL"]}}


def quantity(text):
    """A quantity of Kubernetes: cores or bytes."""
    number, unit = re.fullmatch(r"([0-9.]+)(m|[KMG]i?)?", str(text)).groups()
    factors = {None: 1, "m": 1e-3, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "K": 1e3, "M": 1e6, "G": 1e9}
    return float(number) * factors[unit]


class Workload:
    """A StatefulSet or Deployment of one container."""

    def __init__(self, manifest):
        self.manifest = manifest
        self.name = manifest["metadata"]["name"]
        self.pod = manifest["spec"]["template"]["spec"]
        self.labels = manifest["spec"]["template"]["metadata"]["labels"]
        (self.container,) = self.pod["containers"]
        self.settings = {entry["name"]: entry["value"] for entry in self.container["env"]}

    def limit(self, resource):
        return quantity(self.container["resources"]["limits"][resource])

    @property
    def loops(self):
        """KVS_THREADS by default: the cores of the quota, rounded up."""
        return math.ceil(self.limit("cpu"))

    def is_picked_by(self, selector):
        return selector.items() <= self.labels.items()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    defaults = defaults_of_settings(sys.argv[2])
    checks = Checks()

    with open(folder / "kustomization.yaml", encoding="utf-8") as file:
        kustomization = yaml.safe_load(file)
    named = sorted(kustomization["resources"])
    there = sorted(path.name for path in folder.iterdir() if path.name != "kustomization.yaml")
    checks.that(named == there, f"kustomization.yaml names every file: {' '.join(there)}", f"it names {named}")
    manifests = []
    for name in there:
        with open(folder / name, encoding="utf-8") as file:
            manifests += yaml.safe_load_all(file)

    def of_kind(kind):
        return [manifest for manifest in manifests if manifest["kind"] == kind]

    workloads = [Workload(manifest) for manifest in of_kind("StatefulSet") + of_kind("Deployment")]
    checks.that([workload.name for workload in workloads] == ["kvs-main", "kvs-forwarder"],
                "the workloads are a main and its forwarders")
    store, forwarder = workloads
    for workload in workloads:
        check_workload(checks, workload, defaults)
    check_selectors(checks, workloads, of_kind)
    check_forwarding(checks, store, forwarder, of_kind, defaults)
    checks.end()


def check_workload(checks, workload, defaults):
    name, pod, container = workload.name, workload.pod, workload.container
    selector = workload.manifest["spec"]["selector"]["matchLabels"]
    checks.that(workload.is_picked_by(selector), f"{name}: its selector picks its pods", selector)
    context = pod["securityContext"]
    checks.that(context["runAsNonRoot"] is True and context["runAsUser"] > 0
                and context["seccompProfile"] == {"type": "RuntimeDefault"}
                and container["securityContext"] == HARDENING,
                f"{name}: not root, seccomp, read-only, no escalation, no capabilities")
    checks.that(pod["automountServiceAccountToken"] is False and pod["enableServiceLinks"] is False,
                f"{name}: no token, no variables of services")
    unknown = workload.settings.keys() - defaults.keys()
    checks.that(not unknown, f"{name}: its variables are settings: {' '.join(workload.settings)}", unknown)

    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    checks.that(ports == {"http": int(workload.settings.get("PORT", defaults["PORT"]))},
                f"{name}: its port is the program's", ports)
    probes = {probe: container[f"{probe}Probe"]["httpGet"]
              for probe in ("startup", "liveness", "readiness")}
    paths = {probe: get["path"] for probe, get in probes.items()}
    # /readyz of a forwarder is that of the main, which is not its own.
    ready = "/readyz" if name == "kvs-main" else "/livez"
    checks.that(all(get["port"] in ports for get in probes.values())
                and paths == {"startup": "/livez", "liveness": "/livez", "readiness": ready},
                f"{name}: probes at {paths}", probes)

    grace = pod["terminationGracePeriodSeconds"]
    before = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    stop = seconds(workload.settings.get("KVS_SHUTDOWN_TIMEOUT", defaults["KVS_SHUTDOWN_TIMEOUT"]))
    needed = before + stop + GIVE_UP_SECONDS
    checks.that(grace > needed, f"{name}: grace period of {grace} s, more than the {needed} s of a stop")

    # Both follow from the limit. Where one is set, the other parts of the sum need another look, too.
    derived = {"KVS_MAX_MEMORY", "KVS_MAX_BUFFERED", "KVS_THREADS"} & workload.settings.keys()
    checks.that(not derived, f"{name}: memory, buffers and loops follow from its limits", derived)
    limit = workload.limit("memory")
    buffered = min(max(limit / 8, 8 * MIB), 256 * MIB)
    # Of a main keys and values have what is left.
    needed = (IDLE_BYTES + 1.1 * buffered + workload.loops * LARGEST_REPLY_BYTES
              + int(workload.settings["KVS_MAX_CONNECTIONS"]) * CONNECTION_BYTES)
    checks.that(needed < limit, f"{name}: program, buffers and connections take at most "
                f"{needed / MIB:.0f} MiB of {limit / MIB:.0f}")
    checks.that(quantity(container["resources"]["requests"]["memory"]) == limit,
                f"{name}: asks for all the memory that it may take")


def check_selectors(checks, workloads, of_kind):
    """Each selector is that of one of the two, and of no other."""
    picked = {}
    for service in of_kind("Service"):
        picked[f"service {service['metadata']['name']}"] = service["spec"]["selector"]
        targets = [port["targetPort"] for port in service["spec"]["ports"]]
        checks.that(targets == ["http"] and [port["port"] for port in service["spec"]["ports"]] == [8080],
                    f"service {service['metadata']['name']}: 8080 to http")
    for kind in ("PodDisruptionBudget", "NetworkPolicy"):
        for manifest in of_kind(kind):
            field = "selector" if kind == "PodDisruptionBudget" else "podSelector"
            picked[f"{kind} {manifest['metadata']['name']}"] = manifest["spec"][field]["matchLabels"]
    for name, selector in picked.items():
        matches = [workload.name for workload in workloads if workload.is_picked_by(selector)]
        wanted = "kvs-main" if " kvs-main" in name else "kvs-forwarder"
        checks.that(matches == [wanted], f"{name} picks {wanted}", matches)


def check_forwarding(checks, store, forwarder, of_kind, defaults):
    stateful = store.manifest["spec"]
    services = {service["metadata"]["name"]: service["spec"] for service in of_kind("Service")}
    checks.that(stateful["replicas"] == 1 and services[stateful["serviceName"]]["clusterIP"] == "None",
                "the main is one, with a headless service")
    address = f"{store.name}-0.{stateful['serviceName']}:8080"
    checks.that(forwarder.settings["MAINIP"] == address, f"forwarders know it as {address}",
                forwarder.settings["MAINIP"])

    (scaler,) = of_kind("HorizontalPodAutoscaler")
    target = scaler["spec"]["scaleTargetRef"]
    checks.that((target["kind"], target["name"]) == ("Deployment", forwarder.name)
                and "replicas" not in forwarder.manifest["spec"],
                "the autoscaler alone says how many forwarders")
    surge = forwarder.manifest["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
    most = scaler["spec"]["maxReplicas"] + surge
    each = int(forwarder.settings.get("KVS_FORWARD_CONNECTIONS", defaults["KVS_FORWARD_CONNECTIONS"]))
    needed = most * forwarder.loops * each
    has = int(store.settings["KVS_MAX_CONNECTIONS"])
    checks.that(needed < has, f"the main has {has} connections for the {needed} of {most} forwarders")

    policies = {policy["metadata"]["name"]: policy["spec"] for policy in of_kind("NetworkPolicy")}
    (rule,) = policies["kvs-main"]["ingress"]
    (peer,) = rule["from"]
    checks.that(peer.keys() == {"podSelector"} and forwarder.is_picked_by(peer["podSelector"]["matchLabels"])
                and not store.is_picked_by(peer["podSelector"]["matchLabels"]) and ports_of(rule) == {8080},
                "forwarders reach the main at 8080, and no other pod does by this policy", rule)
    checks.that(policies["kvs-main"]["egress"] == [] and "Egress" in policies["kvs-main"]["policyTypes"],
                "the main reaches nobody")
    to_main, to_names = policies["kvs-forwarder"]["egress"]
    (peer,) = to_main["to"]
    checks.that(peer.keys() == {"podSelector"} and store.is_picked_by(peer["podSelector"]["matchLabels"])
                and not forwarder.is_picked_by(peer["podSelector"]["matchLabels"])
                and ports_of(to_main) == {8080} and ports_of(to_names) == {53},
                "forwarders reach the main at 8080 and DNS at 53, and nothing else")


def ports_of(rule):
    return {port["port"] for port in rule["ports"]}


if __name__ == "__main__":
    main()
