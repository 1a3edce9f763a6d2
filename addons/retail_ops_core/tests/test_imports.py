import csv
import io
import json
import logging
import time

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase
from odoo.tools.misc import file_open

from .common import RetailOpsCase

_logger = logging.getLogger(__name__)
OPTIONS = {
    "has_headers": True,
    "quoting": '"',
    "separator": ",",
    "encoding": "utf-8",
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
    "date_format": "%Y-%m-%d",
    "datetime_format": "%Y-%m-%d %H:%M:%S",
}
STORE = ["code", "name", "region_id", "manager_id", "tz"]
CASE = [
    "reference",
    "type_id",
    "store_id",
    "summary",
    "state",
    "severity",
    "opened_at",
    "acknowledged_at",
    "acted_at",
    "resolved_at",
    "resolution",
]


class ImportCase(RetailOpsCase):
    """Files that an administrator imports as he does in the web client."""

    def _import(self, model, header, rows, user=None, dryrun=False):
        """Return what Odoo's own import answers to a CSV file."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerows([header, *rows])
        return self._import_file(model, text.getvalue().encode(), user, dryrun)

    def _import_file(self, model, content, user=None, dryrun=False):
        importer = (
            self.env["base_import.import"]
            .with_user(user or self.admin)
            .create(
                {
                    "res_model": model,
                    "file": content,
                    "file_name": "file.csv",
                    "file_type": "text/csv",
                }
            )
        )
        header = next(csv.reader(io.StringIO(content.decode())))
        return importer.execute_import(header, header, dict(OPTIONS), dryrun)

    def _messages(self, answer):
        """Return dict row number -> the sentences about it, rows from 0."""
        found = {}
        for message in answer["messages"]:
            row = message["rows"]["from"]
            found.setdefault(row, []).append(message["message"])
        return found

    def _assert_refused(self, answer, *sentences):
        self.assertFalse(answer["ids"])
        told = " ".join(message["message"] for message in answer["messages"])
        for sentence in sentences:
            self.assertRegex(told, sentence)


class TestStoreImport(ImportCase):
    def _row(self, number, **changes):
        row = {
            "code": f"{number:04d}",
            "name": f"Store {number}",
            "region_id": "T-R",
            "manager_id": "test_manager",
            "tz": "Europe/Berlin",
            **changes,
        }
        return [row[name] for name in STORE]

    def _stores(self):
        return self.env["retail.store"].search_count([("code", "=like", "5___")])

    def test_a_thousand_stores_come_in_one_file(self):
        rows = [self._row(5000 + number) for number in range(1000)]
        started = time.monotonic()
        answer = self._import("retail.store", STORE, rows)
        _logger.info("1,000 stores imported in %.1f s", time.monotonic() - started)
        self.assertFalse(answer["messages"])
        self.assertEqual(len(answer["ids"]), 1000)
        self.assertEqual(self._stores(), 1000)
        store = self.env["retail.store"].browse(answer["ids"][0])
        self.assertEqual(store.region_id, self.region)
        self.assertEqual(store.manager_id, self.manager)

    def test_half_the_rows_wrong_is_a_sentence_for_each_and_nothing_written(self):
        wrong = [
            {"region_id": "Nowhere"},
            {"manager_id": "nobody"},
            {"tz": "Middle/Earth"},
            {"code": ""},
            {"name": ""},
        ]
        rows = [
            self._row(5000 + number, **(wrong[number // 2 % 5] if number % 2 else {}))
            for number in range(100)
        ]
        answer = self._import("retail.store", STORE, rows)
        messages = self._messages(answer)
        self.assertFalse(answer["ids"])
        self.assertEqual(sorted(messages), list(range(1, 100, 2)))
        self.assertEqual(self._stores(), 0)
        self._assert_refused(
            answer,
            "No matching record found for name 'Nowhere'.*Write it as it stands",
            "No matching record found for name 'nobody'",
            "Middle/Earth",
            "“.*” is empty: fill it in",
        )

    def test_a_store_twice_in_the_file_names_both_rows(self):
        answer = self._import(
            "retail.store",
            STORE,
            [
                self._row(5001),
                self._row(5002),
                self._row(5001, manager_id="test_far_manager"),
            ],
        )
        self.assertEqual(
            self._messages(answer),
            {2: ["“5001” stands in row 1 already: keep one of the two."]},
        )

    def test_a_store_that_is_there_says_how_to_change_it(self):
        answer = self._import("retail.store", STORE, [self._row(1, code="T042")])
        self._assert_refused(answer, "“T042” exists already.*External ID")

    def test_of_two_managers_with_one_name_none_is_guessed(self):
        self.far_manager.name = self.manager.name
        answer = self._import(
            "retail.store", STORE, [self._row(5001, manager_id=self.manager.name)]
        )
        self._assert_refused(answer, "multiple matches.*Give the user's login")
        answer = self._import("retail.store", STORE, [self._row(5001)])
        self.assertTrue(answer["ids"])

    def test_two_managers_in_one_cell_are_refused(self):
        both = f"{self.manager.name}, {self.far_manager.name}"
        answer = self._import("retail.store", STORE, [self._row(1, manager_id=both)])
        self._assert_refused(answer, "one only")

    def test_a_manager_who_left_is_refused(self):
        self.member.active = False
        answer = self._import(
            "retail.store", STORE, [self._row(5001, manager_id="test_member")]
        )
        self._assert_refused(answer, "archived ones do not count")

    def test_a_store_without_manager_is_welcome(self):
        answer = self._import("retail.store", STORE, [self._row(5001, manager_id="")])
        self.assertTrue(answer["ids"])

    def test_a_calendar_without_hours_is_refused(self):
        self.env["resource.calendar"].create(
            {"name": "Never open", "attendance_ids": [(5, 0, 0)]}
        )
        answer = self._import(
            "retail.store",
            [*STORE, "resource_calendar_id"],
            [[*self._row(5001), "Never open"]],
        )
        self._assert_refused(answer, "add hours to the calendar “Never open”")

    def test_a_store_is_changed_by_its_external_id(self):
        self._import("retail.store", ["id", *STORE], [["own.s1", *self._row(5001)]])
        answer = self._import(
            "retail.store", ["id", "name"], [["own.s1", "Another name"]]
        )
        store = self.env["retail.store"].browse(answer["ids"])
        self.assertEqual(store.name, "Another name")
        self.assertEqual(store.code, "5001")

    def test_regions_of_one_file_are_part_of_each_other(self):
        answer = self._import(
            "retail.region",
            ["code", "name", "parent_id"],
            [["N-W", "West", "T-C"], ["N-C", "Coast", "N-W"], ["N-X", "X", "N-Z"]],
        )
        self.assertEqual(list(self._messages(answer)), [2])
        answer = self._import(
            "retail.region",
            ["code", "name", "parent_id"],
            [["N-W", "West", "T-C"], ["N-C", "Coast", "N-W"]],
        )
        west, coast = self.env["retail.region"].browse(answer["ids"])
        self.assertEqual(coast.parent_id, west)
        self.assertEqual(west.parent_id, self.country)

    def test_a_trial_run_writes_nothing(self):
        answer = self._import("retail.store", STORE, [self._row(5001)], dryrun=True)
        self.assertFalse(answer["messages"])
        self.assertEqual(self._stores(), 0)

    def test_who_may_not_keep_stores_imports_none(self):
        for user in (self.manager, self.region_manager, self.operations, self.auditor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._import("retail.store", STORE, [self._row(5001)], user)
        self.assertEqual(self._stores(), 0)


class TestTypeImport(ImportCase):
    HEADER = ["code", "name", "family", "queue_id", "sla_policy_id"]

    def test_a_type_without_sla_is_refused_by_row(self):
        sla = self.env.ref("retail_ops_core.sla_standard").name
        answer = self._import(
            "retail.exception.type",
            self.HEADER,
            [
                ["leak", "Water leak", "equipment", self.queue.code, sla],
                ["smell", "Bad smell", "equipment", self.queue.code, ""],
            ],
        )
        self.assertEqual(list(self._messages(answer)), [1])
        self._assert_refused(answer, "“S.*” is empty: fill it in")
        kind = self.env["retail.exception.type"]
        self.assertFalse(kind.search([("code", "=", "leak")]))

    def test_a_code_that_is_taken_is_refused(self):
        sla = self.env.ref("retail_ops_core.sla_standard").name
        answer = self._import(
            "retail.exception.type",
            self.HEADER,
            [["inventory_discrepancy", "X", "stock", self.queue.code, sla]],
        )
        self._assert_refused(answer, "“inventory_discrepancy” exists already")


class TestTemplates(ImportCase):
    MODELS = [
        "retail.region",
        "retail.store",
        "retail.exception.type",
        "retail.exception.import",
    ]

    def test_each_template_imports_as_it_comes(self):
        for model in self.MODELS:
            [template] = self.env[model].with_user(self.admin).get_import_templates()
            with (
                self.subTest(model),
                file_open(template["template"].lstrip("/"), "rb") as file,
            ):
                answer = self._import_file(model, file.read())
                self.assertFalse(answer["messages"])
                self.assertTrue(answer["ids"])


class TestCaseImport(ImportCase):
    """Running cases move over with what happened to them."""

    def _row(self, number, **changes):
        row = {
            "reference": f"OLD-{number}",
            "type_id": "inventory_discrepancy",
            "store_id": "T042",
            "summary": "Bottles missing",
            "state": "in_progress",
            "severity": "medium",
            "opened_at": "2026-03-02 16:00:00",
            "acknowledged_at": "2026-03-02 16:30:00",
            "acted_at": "2026-03-02 17:00:00",
            "resolved_at": "",
            "resolution": "",
            **changes,
        }
        return [row[name] for name in CASE]

    def _bring(self, header=None, rows=None, **changes):
        answer = self._import(
            "retail.exception.import",
            header or CASE,
            rows or [self._row(1, **changes)],
        )
        self.assertFalse(answer["messages"])
        imports = self.env["retail.exception.import"].browse(answer["ids"])
        return imports.exception_id

    # === What comes along === #
    @freeze_time("2026-03-03 16:00:00")
    def test_a_running_case_goes_on_from_where_it_was(self):
        case = self._bring()
        self.assertEqual(case.state, "in_progress")
        self.assertEqual(str(case.opened_at), "2026-03-02 16:00:00")
        self.assertEqual(str(case.acted_at), "2026-03-02 17:00:00")
        self.assertEqual(str(case.resolve_due), "2026-03-04 22:00:00")
        self.assertEqual(case.user_id, self.manager)
        self.assertEqual(case.activity_ids.user_id, self.manager)
        self.assertEqual(case.origin, "import")
        self.assertFalse(case.breached_at)
        case.with_user(self.manager).action_wait()
        case._set_resolved("Found")
        self.assertEqual(case.state, "resolved")

    @freeze_time("2026-03-10 16:00:00")
    def test_a_finished_case_keeps_its_breach(self):
        late = self._bring(
            state="resolved", resolved_at="2026-03-05 16:00:00", resolution="Found"
        )
        self.assertEqual(late.state, "resolved")
        self.assertEqual(str(late.breached_at), "2026-03-04 22:00:00")
        self.assertFalse(late.act_breached_at)
        self.assertEqual(late.severity, "medium")
        self.assertFalse(late.activity_ids)

    @freeze_time("2026-03-03 16:00:00")
    def test_a_case_keeps_the_severity_it_had_and_its_hours(self):
        case = self._bring(severity="high")
        self.assertEqual(case.severity, "high")
        self.assertEqual(str(case.resolve_due), "2026-03-03 04:00:00")

    @freeze_time("2026-03-10 16:00:00")
    def test_an_open_case_that_is_overdue_escalates(self):
        case = self._bring()
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_core.cron_escalate").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(str(case.breached_at), "2026-03-04 22:00:00")
        self.assertEqual(case.user_id, self.region_manager)

    @freeze_time("2026-03-10 16:00:00")
    def test_comments_and_history_are_marked_as_imported(self):
        case = self._bring(
            [*CASE, "comment_ids/date", "comment_ids/author", "comment_ids/text"],
            [
                [*self._row(1), "2026-03-02 18:00:00", "Ann", "Counted <b>twice</b>"],
                [*[""] * len(CASE), "2026-03-02 19:00:00", "Ben", "Camera checked"],
            ],
        )
        comments = case.message_ids.filtered(
            lambda message: "Imported comment" in (message.subject or "")
        )
        self.assertEqual(
            {str(message.date) for message in comments},
            {"2026-03-02 18:00:00", "2026-03-02 19:00:00"},
        )
        self.assertIn("&lt;b&gt;twice", "".join(comments.mapped("body")))
        entry = self.env["retail.audit.entry"].search(
            [("action", "=", "exception.imported"), ("res_id", "=", case.id)]
        )
        self.assertEqual(entry.facts["reference"], "OLD-1")
        self.assertEqual(entry.facts["acted_at"], "2026-03-02 17:00:00")
        self.assertEqual(entry.user_id, self.admin.id)

    @freeze_time("2026-03-10 16:00:00")
    def test_a_new_case_is_classified_here(self):
        case = self._bring(state="new", acknowledged_at="", acted_at="", severity="")
        self.assertEqual(case.state, "triaged")
        self.assertFalse(case.needs_classification)

    @freeze_time("2026-03-10 16:00:00")
    def test_what_only_the_region_finishes_may_have_been_finished_before(self):
        self.discrepancy.region_decides = True
        case = self._bring(
            state="resolved", resolved_at="2026-03-05 16:00:00", resolution="Found"
        )
        self.assertEqual(case.state, "resolved")
        with self.assertRaisesRegex(UserError, "finished by its region only"):
            self._bring(rows=[self._row(2)])._set_resolved("Found")

    # === What cannot have happened === #
    @freeze_time("2026-03-10 16:00:00")
    def test_impossible_histories_are_refused_row_by_row(self):
        self.discrepancy.root_cause_required = True
        done = {"state": "resolved", "resolved_at": "2026-03-05 16:00:00"}
        rows = [
            self._row(1),
            self._row(2, state="resolved"),
            self._row(3, resolved_at="2026-03-05 16:00:00"),
            self._row(4, acted_at="2026-03-01 16:00:00"),
            self._row(5, opened_at="2026-04-01 16:00:00"),
            self._row(6, **done, resolution="Found"),
            self._row(7, store_id="9999"),
            self._row(1),
            self._row(9, state="melted"),
        ]
        answer = self._import("retail.exception.import", CASE, rows)
        messages = self._messages(answer)
        self.assertEqual(sorted(messages), [1, 2, 3, 4, 5, 6, 7, 8])
        expected = {
            1: "Resolved needs “Resolution”",
            2: "In progress cannot have “Resolved",
            3: "earlier than",
            4: "lies in the future",
            5: "resolved with a root cause",
            6: "No matching record",
            7: "stands in row 1 already",
            8: "melted",
        }
        for row, sentence in expected.items():
            self.assertRegex(" ".join(messages[row]), sentence)
        self.assertFalse(self.env["retail.exception.import"].search([]))
        imported = self.env["retail.exception"].search([("origin", "=", "import")])
        self.assertFalse(imported)

    @freeze_time("2026-03-10 16:00:00")
    def test_a_case_is_imported_once(self):
        self._bring()
        answer = self._import("retail.exception.import", CASE, [self._row(1)])
        self._assert_refused(answer, "“OLD-1” exists already")

    @freeze_time("2026-03-10 16:00:00")
    def test_an_assignee_must_be_able_to_work_there(self):
        header = [*CASE, "user_id"]
        rows = [[*self._row(1), "test_far_manager"]]
        answer = self._import("retail.exception.import", header, rows)
        self._assert_refused(answer, "may not work in store T042")
        self.assertEqual(
            self._bring(header, [[*self._row(2), "test_member"]]).user_id, self.member
        )

    @freeze_time("2026-03-10 16:00:00")
    def test_the_rows_hold_outside_the_import_screen_too(self):
        values = {
            "reference": "OLD-1",
            "type_id": self.discrepancy.id,
            "store_id": self.store.id,
            "summary": "x",
            "state": "resolved",
            "opened_at": "2026-03-02 16:00:00",
        }
        with self.assertRaisesRegex(ValidationError, "needs “Resolved"):
            self.env["retail.exception.import"].with_user(self.admin).create(values)

    # === Who may === #
    @freeze_time("2026-03-10 16:00:00")
    def test_what_was_imported_stays_as_it_came(self):
        row = self._bring().import_id.with_user(self.admin)
        for attempt in (
            lambda: row.write({"state": "closed"}),
            lambda: row.unlink(),
            lambda: row.comment_ids.create(
                {"import_id": row.id, "date": "2026-03-02", "author": "x", "text": "x"}
            ),
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_only_the_administrator_imports_cases(self):
        for user in (self.manager, self.region_manager, self.operations, self.auditor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._import("retail.exception.import", CASE, [self._row(1)], user)


class TestCaseImportOverRpc(ImportCase, HttpCase):
    def _call(self, model, method, *args):
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {
                        "model": model,
                        "method": method,
                        "args": args,
                        "kwargs": {},
                    },
                }
            ),
            headers={"Content-Type": "application/json"},
        ).json()
        return answer["error"]["data"]["name"] if "error" in answer else None

    def test_no_history_is_forged_past_the_import(self):
        self.authenticate("test_operations", "test_operations")
        values = {"reference": "x", "state": "closed", "opened_at": "2026-03-02"}
        refused = "odoo.exceptions.AccessError"
        self.assertEqual(
            self._call("retail.exception.import", "create", [values]), refused
        )
        self.assertEqual(
            self._call("retail.exception", "create", [{"import_id": 1}]), refused
        )
        for method in ("_raise_imported", "_raise_cases"):
            self.assertTrue(self._call("retail.exception", method, [values]))
