# SPDX-License-Identifier: ISC
"""Checks YAML files against a JSON Schema: validate.py SCHEMA FILE...

Ends with 77 where the modules for it are missing.  YAML 1.2 has fewer words
than PyYAML knows of 1.1: `off' is text there, and no boolean.
"""

import json
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(error)
    sys.exit(77)


class Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}


for tag, pattern, first in (
        ("bool", r"^(?:true|false)$", "tf"),
        ("int", r"^(?:[-+]?[0-9]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
        ("null", r"^(?:~|null|)$", ["~", "n", ""]),
        ("merge", r"^<<$", "<")):
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag,
                                 re.compile(pattern), list(first))

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
kind = getattr(jsonschema, "Draft202012Validator", None)
if kind is None:
    print("jsonschema is too old")
    sys.exit(77)
kind.check_schema(schema)
validator = kind(schema)
failed = False
for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as file:
        document = yaml.load(file, Loader=Loader)
    for error in validator.iter_errors(document):
        failed = True
        print("%s: %s: %s" % (path, "/".join(map(str, error.absolute_path)),
                              error.message))
sys.exit(1 if failed else 0)
