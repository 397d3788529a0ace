"""The configuration of the set: the user's own or the simulator's, with what the set itself decides."""

import json
import os

import yaml

# What the set decides. All else is the user's.
OURS = ("store", "store_options", "redis", "redis_options", "coordinator", "worker", "tls", "identities", "token_file")
PATHS = ("secret_file", "token_file")


def theirs(path):
    """The YAML of the file without what is ours, with absolute paths, for it will lie in another folder.

    Nodes are kept as they are written, so that ids keep their digits.
    """
    with open(path, encoding="utf-8") as file:
        node = yaml.compose(file, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode):
        raise RuntimeError(f"{path} is not a configuration")
    node.value = [(key, value) for key, value in node.value if key.value not in OURS]
    _make_absolute(node, os.path.dirname(os.path.abspath(path)))
    return yaml.serialize(node, Dumper=yaml.SafeDumper)


def _make_absolute(node, folder):
    if isinstance(node, yaml.SequenceNode):
        for element in node.value:
            _make_absolute(element, folder)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value in PATHS and isinstance(value, yaml.ScalarNode) and not value.value.startswith(("/", "${")):
                value.value = os.path.join(folder, value.value)
            _make_absolute(value, folder)


def simulated(simulator_port, secrets, extracts):
    """The same for the simulator: its app, its token, and the extracts of the quickstart."""
    with open(extracts, encoding="utf-8") as file:
        wanted = file.read()
    return f"""app: {{id: "7000000000000000001", secret_file: {json.dumps(secrets + "/app_secret")}}}
api: {{base_url: "http://127.0.0.1:{simulator_port}/open_api/v1.3/"}}
quota: {{tier: fourth}}
connections:
  - {{name: simulated, token_file: {json.dumps(secrets + "/token")}, advertisers: all}}
{wanted}"""


def write(path, of_the_work, of_the_set):
    """`of_the_set`: a dictionary; every JSON value is YAML."""
    lines = [f"{key}: {json.dumps(value)}" for key, value in of_the_set.items()]
    with open(path, "w", encoding="utf-8") as file:
        file.write("# Written by scripts/cluster-local at each start.\n" + of_the_work.rstrip() + "\n")
        file.write("\n".join(lines) + "\n")
