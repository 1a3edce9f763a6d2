import base64
import io

from openpyxl import Workbook, load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import format_datetime

from ..models.retail_approval_rule_sheet import (
    CHOICES,
    DATES,
    LISTS,
    NUMBERS,
    SWITCHES,
)
from ..models.retail_approval_rule_variant import LIMITS
from .common import ApprovalCase


def workbook(*lines):
    book = Workbook()
    for line in lines:
        book.active.append(line)
    content = io.BytesIO()
    book.save(content)
    return base64.b64encode(content.getvalue())


@tagged("post_install", "-at_install")
class TestSheet(ApprovalCase):
    ROWS = [
        {
            "amount_min": 50,
            "amount_max": 1000.5,
            "variance_min": 12.5,
            "family": "stock",
            "store_format": "supermarket",
            "steps": ["climb", {"approver": "store_manager", "remind_hours": 1.5}],
        },
        {"amount_max": 50, "outcome": "none"},
        {"amount_min": 50, "steps": ["region"]},
    ]

    def _full_draft(self):
        draft = self._draft_policy(self.ROWS, reference="Finance 4.2")
        damaged = self.env.ref("retail_ops_core.type_damaged_goods")
        finance = self.env.ref("retail_ops_core.group_finance")
        rule = draft.rule_ids[0]
        rule.write(
            {
                "currency_id": self.env.ref("base.USD").id,
                "type_ids": (damaged | self.discrepancy).ids,
                "region_ids": self.region.ids,
                "requester_group_ids": finance.ids,
                "is_emergency": True,
                "recurrence_min": 3,
                "store_risk": "3",
                "needs_evidence": True,
                "counts_split": True,
                "review_date": "2027-03-31",
                "step_ids": [
                    Command.create({**step, "sequence": order})
                    for order, step in self._more_steps(finance)
                ],
            }
        )
        return draft

    def _more_steps(self, role):
        two = {"approver": "group", "group_id": role.id, "need": "number"}
        above = {"approver": "region_manager", "region_level": 1, "need": "all"}
        return [
            (20, {**two, "needed_number": 2}),
            (30, {"approver": "user", "user_id": self.operations.id}),
            (30, above),
        ]

    def _steps(self, draft):
        stages = [sorted(rule._sheet_steps().items()) for rule in draft.rule_ids]
        hours = draft.rule_ids.step_ids.mapped(lambda each: (each.hours, each.escalate))
        return stages, hours

    def _import(self, draft, content, user=None):
        imports = self.env["retail.approval.import"].with_user(user or self.admin)
        values = {"policy_id": draft.id, "file": content, "filename": "matrix.xlsx"}
        return imports.create(values).action_import()

    def _refusal(self, *lines):
        draft = self._draft_policy([{"steps": ["region"]}])
        with self.assertRaises(UserError) as refused:
            self._import(draft, workbook(*lines))
        self.assertEqual(len(draft.rule_ids), 1)
        return str(refused.exception)

    def test_what_is_exported_comes_back_the_same(self):
        draft = self._full_draft()
        facts = [(rule._compiled_row()[1:], rule.outcome) for rule in draft.rule_ids]
        dates = draft.rule_ids.mapped("review_date")
        lines, steps = draft.rule_ids.mapped("line"), self._steps(draft)
        self._import(draft, draft.sheet)
        self.assertEqual(draft.rule_ids.mapped("line"), lines)
        self.assertEqual(
            [(rule._compiled_row()[1:], rule.outcome) for rule in draft.rule_ids], facts
        )
        self.assertEqual(self._steps(draft), steps)
        self.assertEqual(draft.rule_ids.mapped("review_date"), dates)

    def test_every_condition_of_a_row_has_its_column(self):
        beside = {"policy_id", "kind_id", "sequence", "currency_id", "outcome"}
        beside |= {
            "next_review_date",
            "review_ids",
            "step_ids",
            "variant_ids",
            "base_id",  # the column Variant, for the row above
            "create_uid",
            "write_uid",
            "create_date",
            "write_date",
        }
        rules = self.env["retail.approval.rule"]
        asked = {name for name, field in rules._fields.items() if field.store}
        listed = {name for name, _key in LISTS.values()}
        listed |= {
            *DATES.values(),
            *(each for pair in LIMITS.values() for each in pair),
        }
        written = {*NUMBERS.values(), *CHOICES.values(), *SWITCHES.values(), *listed}
        self.assertEqual(asked - beside - {"id"}, written)

    def test_the_sheet_says_whose_policy_it_is(self):
        draft = self._full_draft()
        sheet = load_workbook(io.BytesIO(base64.b64decode(draft.sheet))).active
        said = {row[0].value: row[1].value for row in sheet.iter_rows(max_row=10)}
        self.assertEqual(said["Policy reference"], "Finance 4.2")
        self.assertEqual(said["Business owner"], draft.owner_id.name)
        self.assertEqual(said["Version"], f"{draft.version} (Draft)")

    def test_a_matrix_that_the_company_has_is_brought_in(self):
        draft = self._draft_policy([{"steps": ["region"]}])
        content = workbook(
            ["Northline Grocers: who signs what"],
            [],
            ["Type of request", "Minimum", "Maximum", "Approver 1", "Approver 2"],
            ["Stock write-off", None, 100, "Store manager", None],
            ["Stock write-off", 100, "∞", "Regional manager", "Finance"],
        )
        self._import(draft, content)
        self.assertEqual(
            draft.rule_ids.mapped("line"),
            [
                "Stock write-off · below 100.00 → Store manager",
                "Stock write-off · 100.00 and more → Regional manager, THEN Finance",
            ],
        )

    def test_errors_are_told_by_row_and_nothing_is_imported(self):
        text = self._refusal(
            ["Kind", "From", "Below", "Outcome", "Step 1"],
            ["stock_write_off", "plenty", None, None, "Regional manager"],
            ["nonsense", 0, 50, "No approval", None],
            ["stock_write_off", 0, 50, "No approval", "Regional manager"],
            ["stock_write_off", 50, None, None, "The boss"],
            ["stock_write_off", 50, 20, None, "Regional manager"],
            ["stock_write_off", 50, None, None, "Regional manager (8 days)"],
            ["stock_write_off", 50, None, None, None],
        )
        for row, words in (
            (2, "plenty"),
            (3, "nonsense"),
            (4, "do not agree"),
            (5, "The boss"),
            (6, "above"),
            (7, "8 days"),
            (8, "Say who approves"),
        ):
            self.assertRegex(text, f"Row {row}: .*{words}")

    def test_a_file_that_is_no_spreadsheet_is_refused(self):
        draft = self._draft_policy([{"steps": ["region"]}])
        for content in (b"Kind,From", b"PK\x03\x04broken"):
            with self.assertRaisesRegex(UserError, "xlsx"):
                self._import(draft, base64.b64encode(content))

    def test_a_sheet_without_the_column_kind_is_refused(self):
        self.assertIn("Kind", self._refusal(["What", "Who"], ["Refund", "Finance"]))

    def test_a_published_version_takes_no_sheet(self):
        content = workbook(["Kind", "Outcome"], ["stock_write_off", "No approval"])
        with self.assertRaisesRegex(UserError, "new version"):
            self._import(self.policy, content)

    def test_only_administrators_import(self):
        draft = self._draft_policy([{"steps": ["region"]}])
        content = workbook(["Kind", "Outcome"], ["stock_write_off", "No approval"])
        with self.assertRaises(AccessError):
            self._import(draft, content, user=self.operations)

    def test_who_imports_is_an_author_and_cannot_publish(self):
        draft = self._draft_policy([{"steps": ["region"]}])
        second = self._second_admin()
        content = workbook(["Kind", "Outcome"], ["stock_write_off", "No approval"])
        self._import(draft, content, user=second)
        with self.assertRaisesRegex(UserError, "somebody else"):
            draft.with_user(second).action_publish()

    def test_the_policy_prints_with_owner_reference_version_date_and_reason(self):
        policy = self._publish_policy(
            self.ROWS, reference="Finance 4.2", change_reason="Audit of May"
        )
        reports = self.env["ir.actions.report"].with_user(self.auditor)
        html, _type = reports._render_qweb_html(
            "retail_ops_approvals.report_policy", policy.ids
        )
        text = html.decode()
        for words in (
            policy.name,
            policy.owner_id.name,
            "Finance 4.2",
            "Audit of May",
            f"{policy.version} (Published)",
            self.publisher.name,
            policy._matrix_digest(),
            "Stock write-off",
            "50.00 to below 1000.50",
            "No approval needed",
            "Regional manager (8 h, escalate) AND Store manager (remind 1.5 h)",
        ):
            self.assertIn(words, text)

    def test_print_and_spreadsheet_say_from_when_the_version_is_in_force(self):
        policy = self._publish_policy(self.ROWS, effective_from="2031-05-01 12:00:00")
        moment = format_datetime(self.env, policy.in_force_from)
        self.assertIn("2031", moment)
        facts = dict(policy._document_facts())
        self.assertEqual(facts["Effective from"], moment)
        self.assertEqual(facts["Version"], f"{policy.version} (Published)")
        html, _type = self.env["ir.actions.report"]._render_qweb_html(
            "retail_ops_approvals.report_policy", policy.ids
        )
        printed = html.decode().replace("\N{NARROW NO-BREAK SPACE}", " ")
        self.assertIn(moment.replace("\N{NARROW NO-BREAK SPACE}", " "), printed)
        sheet = load_workbook(io.BytesIO(base64.b64decode(policy.sheet))).active
        said = {row[0].value: row[1].value for row in sheet.iter_rows(max_row=10)}
        self.assertEqual(said["Effective from"], moment)
        self.assertEqual(said["Version"], f"{policy.version} (Published)")


@tagged("post_install", "-at_install")
class TestSheetDownload(ApprovalCase, HttpCase):
    def test_the_button_downloads_a_spreadsheet(self):
        self.auditor.password = "auditor of the test"
        self.authenticate(self.auditor.login, "auditor of the test")
        action = self.policy.with_user(self.auditor).action_export()
        answer = self.url_open(action["url"])
        self.assertEqual(answer.status_code, 200)
        sheet = load_workbook(io.BytesIO(answer.content)).active
        self.assertIn("Kind", [cell.value for cell in sheet["A"]])
