#!/usr/bin/env python3
"""Checks that the rules, their tests and the dashboard ask for metrics that there are, that the dashboard is
whole, and that the document lists the alerts.

usage: metrics.py DEPLOY-FOLDER DOCUMENT.md EXPRESSIONS

Takes the names from metrics.txt in DEPLOY-FOLDER, and writes the dashboard's expressions to the file
EXPRESSIONS, as rules that promtool can read. Prints a line for each check. Needs PyYAML. Exit status: 0 all
hold, 1 one does not."""

import json
import pathlib
import re
import sys

import yaml
from checks import Checks

# Prometheus's own, one for each target.
OWN = {"up"}
KEYWORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan", "by", "without", "on", "ignoring",
            "group_left", "group_right", "atan2"}
GRAFANA = {"$__rate_interval": "5m", "$job": "kvs", "$instance": ".*"}


def names_in(expression):
    """The metrics that a PromQL expression asks for: what is neither in braces, brackets, quotes or a list of
    labels, nor a function, a keyword or a number."""
    rest = re.sub(r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^'\\]|\\.)*'", "", expression)
    rest = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", rest)
    rest = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", rest)
    words = re.finditer(r"(?<![\w:.])([A-Za-z_:][\w:]*)(\s*\()?", rest)
    return {word[1] for word in words if not word[2] and word[1].lower() not in KEYWORDS}


def family(name, families):
    """The metric of metrics.txt that a name belongs to: a histogram has three."""
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    return base if base != name and base.endswith("_seconds") and base in families else name


def panels_of(dashboard):
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def overlapping(panels):
    """The titles of panels that lie on each other."""
    taken = {}
    for panel in panels:
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if (x, y) in taken or x >= 24:
                    return [taken.get((x, y), "the edge"), panel["title"]]
                taken[x, y] = panel["title"]
    return []


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    deploy = pathlib.Path(sys.argv[1])
    checks = Checks()
    lines = (deploy / "metrics.txt").read_text(encoding="utf-8").splitlines()
    families = set(lines)
    checks.that(lines == sorted(families), f"metrics.txt: {len(lines)} names, in order, each once")

    rules = yaml.safe_load((deploy / "prometheus/kvs.rules.yml").read_text(encoding="utf-8"))
    rules = [rule for group in rules["groups"] for rule in group["rules"]]
    tests = yaml.safe_load((deploy / "prometheus/kvs.rules.test.yml").read_text(encoding="utf-8"))["tests"]
    dashboard = json.loads((deploy / "grafana/kvs.json").read_text(encoding="utf-8"))
    panels = list(panels_of(dashboard))
    queries = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    variables = [variable["definition"] for variable in dashboard["templating"]["list"]
                 if "definition" in variable]
    sources = {
        "rules": [rule["expr"] for rule in rules],
        "tests of the rules": [series["series"] for test in tests for series in test["input_series"]],
        "dashboard": queries + [re.fullmatch(r"label_values\((.*), \w+\)", each)[1] for each in variables],
    }
    used = set()
    for source, expressions in sources.items():
        names = set().union(*map(names_in, expressions))
        unknown = sorted(name for name in names if family(name, families) not in families | OWN)
        checks.that(names and not unknown, f"{source}: all {len(names)} names are in metrics.txt",
                    " ".join(unknown))
        used |= {family(name, families) for name in names}
    print(f"        in neither: {' '.join(sorted(families - used)) or '-'}")

    # An alert whose test only shows that it stays silent may never fire.
    firing = {case["alertname"] for test in tests for case in test["alert_rule_test"] if case.get("exp_alerts")}
    untested = {rule["alert"] for rule in rules} - firing
    checks.that(not untested, f"all {len(rules)} alerts have a test in which they fire",
                " ".join(sorted(untested)))

    document = pathlib.Path(sys.argv[2])
    listed = re.findall(r"^\| `(Kvs\w+)` \|", document.read_text(encoding="utf-8"), re.MULTILINE)
    checks.that(listed == [rule["alert"] for rule in rules], f"{document} lists the alerts, in order", listed)

    ids = [panel["id"] for panel in panels]
    checks.that(len(set(ids)) == len(ids), f"dashboard: {len(ids)} panels, each with an id of its own")
    checks.that(not overlapping(dashboard["panels"]), "dashboard: no panel lies on another",
                overlapping(dashboard["panels"]))
    bare = [panel["title"] for panel in panels
            if panel["type"] != "row" and not (panel.get("targets") and panel.get("description"))]
    checks.that(not bare, "dashboard: each panel has a query and says what it shows", bare)
    # Each metric is followed by the choice; a metric without one has no brace.
    picked = re.compile(r'\b(?:kvs_\w+|process_\w+|up)(\{job="\$job",instance=~"\$instance"\})?')
    unpicked = [query for query in queries if not all(match[1] for match in picked.finditer(query))]
    checks.that(not unpicked, f"dashboard: all {len(queries)} queries ask for the chosen instances", unpicked)

    records = []
    for number, query in enumerate(queries):
        for variable, value in GRAFANA.items():
            query = query.replace(variable, value)
        records.append({"record": f"dashboard:query_{number}", "expr": query})
    with open(sys.argv[3], "w", encoding="utf-8") as out:
        yaml.safe_dump({"groups": [{"name": "dashboard", "rules": records}]}, out)
    checks.end()


if __name__ == "__main__":
    main()
