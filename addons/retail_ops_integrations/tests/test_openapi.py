"""The description that the doors serve, judged by a public validator."""

import json

import jsonschema_rs
from openapi_spec_validator import validate

from odoo.tests import tagged

from ..tools import openapi, problem
from .common import IntegrationCase


@tagged("post_install", "-at_install")
class TestOpenapi(IntegrationCase):
    def document(self):
        return openapi.build(self.env["retail.event.type"]._described())

    def described(self):
        for path, methods in self.document()["paths"].items():
            for method, operation in methods.items():
                yield f"{method.upper()} {path}", operation

    def test_it_is_a_valid_openapi_3_1_document(self):
        validate(self.document())

    def test_every_operation_has_a_name_a_summary_and_its_refusals(self):
        names = []
        for place, operation in self.described():
            names.append(operation["operationId"])
            self.assertTrue(operation["summary"], place)
            if operation.get("security") != []:
                self.assertIn("401", operation["responses"], place)
                self.assertIn("429", operation["responses"], place)
        self.assertEqual(len(names), len(set(names)))

    def test_every_refusal_is_a_problem_document(self):
        for place, operation in self.described():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    self.assertEqual(
                        list(answer["content"]), [problem.CONTENT_TYPE], place
                    )

    def test_every_example_matches_what_it_is_an_example_of(self):
        schemas = self.document()["components"]["schemas"]
        post = self.document()["paths"]["/retail_ops/v1/events"]["post"]
        examples = post["requestBody"]["content"]["application/json"]["examples"]
        self.assertTrue(examples)
        for name, example in examples.items():
            jsonschema_rs.Draft202012Validator(schemas[name]).validate(example["value"])

    def test_what_is_sent_out_is_described_as_webhooks(self):
        webhooks = self.document()["webhooks"]
        outbound = self.env["retail.event.type"].search([("direction", "=", "out")])
        self.assertEqual(
            set(webhooks), {f"{kind.name}.v{kind.version}" for kind in outbound}
        )

    def test_nothing_refers_to_another_document(self):
        references = json.dumps(self.document()).split('"$ref": "')[1:]
        self.assertTrue(all(text.startswith("#/") for text in references))
