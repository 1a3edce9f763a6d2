"""The n8n workflows: whole, versioned, without secrets, through our doors only."""

import json
import re

import pytest

VERSION = re.compile(r"\d+\.\d+\.\d+")
DOORS = ("/retail_ops/v1/", "/json/2/retail.stock.facts/read_for_case")
SECRET_FIELDS = (
    *("hmacSecret", "token", "value", "user", "password", "host", "apiKey", "baseUrl"),
)
MOST_TRIES, LONGEST_WAIT = 5, 5000


@pytest.fixture(scope="module")
def workflows(repository):
    """Workflows by id."""
    found = {}
    for path in sorted((repository / "workflows/n8n").glob("*.json")):
        workflow = json.loads(path.read_text("utf-8"))
        found[workflow["id"]] = workflow
    return found


@pytest.fixture(scope="module")
def templates(repository):
    folder = repository / "workflows/n8n/credentials"
    found = [json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")]
    return {template["id"]: template for template in found}


def nodes(workflows, kind=""):
    """(workflow id, node) of every node of a kind."""
    return [
        (name, node)
        for name, workflow in workflows.items()
        for node in workflow["nodes"]
        if node["type"].removeprefix("n8n-nodes-base.").startswith(kind)
    ]


def test_each_carries_one_version_in_what_it_says(workflows):
    for name, workflow in workflows.items():
        version = workflow["meta"]["retailOpsVersion"]
        assert VERSION.fullmatch(version), name
        told = {
            found
            for _name, node in nodes({name: workflow}, "code")
            for found in VERSION.findall(node["parameters"]["jsCode"])
        }
        assert told <= {version}, name


def test_each_that_speaks_to_odoo_says_its_version(workflows):
    for name, workflow in workflows.items():
        code = "".join(
            node["parameters"]["jsCode"] for _n, node in nodes({name: workflow}, "code")
        )
        if re.search(r"type: '[a-z]+\.[a-z]+'", code):
            assert workflow["meta"]["retailOpsVersion"] in code, name


def test_each_part_that_others_share_says_its_version_to_them(workflows):
    shared = {
        node["parameters"]["workflowId"]["value"]
        for _name, node in nodes(workflows, "executeWorkflow")
        if not node["type"].endswith("Trigger")
    }
    for name in shared - {"retailOpsSettings"}:  # holds addresses, and is kept
        workflow = {name: workflows[name]}
        code = [node["parameters"]["jsCode"] for _n, node in nodes(workflow, "code")]
        version = workflows[name]["meta"]["retailOpsVersion"]
        assert version in "".join(code), name


def test_each_example_tells_odoo_how_its_run_went(workflows):
    examples = [one for one in workflows if one.startswith("retailOpsExample")]
    assert examples
    for name in examples:
        ways = workflows[name]["connections"]
        ends = {end["node"] for way in ways["Matters"]["main"] for end in way}
        assert "Result" in ends, name
        assert [end["node"] for end in ways["Result"]["main"][0]] == ["Tell Odoo"], name


def test_none_is_active_before_it_is_configured(workflows):
    assert not [name for name, workflow in workflows.items() if workflow["active"]]


def test_each_names_the_error_workflow(workflows):
    for name, workflow in workflows.items():
        if name != "retailOpsError":
            assert workflow["settings"]["errorWorkflow"] == "retailOpsError", name


def test_the_error_workflow_has_a_second_way_when_odoo_is_not_there(workflows):
    ways = workflows["retailOpsError"]["connections"]["Tell Odoo"]["main"]
    assert ways[1], "the error output leads nowhere"


@pytest.mark.parametrize("kind", ["httpRequest", "emailSend", "n8n"])
def test_each_call_that_leaves_is_tried_again(workflows, kind):
    for name, node in nodes(workflows, kind):
        where = f"{name}: {node['name']}"
        assert node["retryOnFail"], where
        assert 2 <= node["maxTries"] <= MOST_TRIES, where
        assert 0 < node["waitBetweenTries"] <= LONGEST_WAIT, where


def test_each_http_call_goes_to_our_doors_and_follows_nobody(workflows):
    for name, node in nodes(workflows, "httpRequest"):
        assert node["parameters"]["url"] == "={{ $json.url }}", name
        options = node["parameters"]["options"]
        assert options["redirect"]["redirect"]["followRedirects"] is False, name
        code = "".join(
            one["parameters"]["jsCode"]
            for one in workflows[name]["nodes"]
            if one["type"].endswith(".code")
        )
        [place] = re.findall(r"odoo_url\.replace\([^)]*\) \+ '([^']+)'", code)
        assert place in DOORS or place == "/retail_ops/v1/events/", name


def test_no_workflow_reads_the_environment_or_runs_a_program(workflows):
    for name, workflow in workflows.items():
        text = json.dumps(workflow)
        assert not re.search(r"\$env\b|require\(|executeCommand|\.ssh\b", text), name


def test_each_workflow_that_is_called_is_here(workflows):
    for name, node in nodes(workflows, "executeWorkflow"):
        if not node["type"].endswith("Trigger"):
            assert node["parameters"]["workflowId"]["value"] in workflows, name


def test_each_connection_joins_nodes_that_are_there(workflows):
    for name, workflow in workflows.items():
        names = {node["name"] for node in workflow["nodes"]}
        assert len(names) == len(workflow["nodes"]), name
        for start, ways in workflow["connections"].items():
            ends = {end["node"] for way in ways["main"] for end in way}
            assert {start, *ends} <= names, name


def test_each_credential_has_a_template_and_each_template_is_used(workflows, templates):
    used = {
        credential["id"]: credential["name"]
        for _name, node in nodes(workflows)
        for credential in node.get("credentials", {}).values()
    }
    assert used == {one["id"]: one["name"] for one in templates.values()}


def test_templates_hold_no_secret(templates):
    for name, template in templates.items():
        filled = {field for field in SECRET_FIELDS if template["data"].get(field)}
        assert not filled, name


def test_the_documentation_names_each_workflow_and_credential(
    workflows, templates, repository
):
    text = (repository / "docs/n8n.md").read_text("utf-8")
    named = [one["name"] for one in (*workflows.values(), *templates.values())]
    assert not [name for name in named if name not in text]


def test_n8n_is_locked_with_hashes(repository):
    folder = repository / "requirements/n8n"
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    lock = json.loads((folder / "package-lock.json").read_text())["packages"]
    for name, package in lock.items():
        if name:
            assert package["integrity"].startswith("sha512-"), name
            assert "resolved" not in package, name
    for name, version in wanted.items():
        assert lock[f"node_modules/{name}"]["version"] == version
