from odoo.exceptions import ValidationError

from .common import RetailOpsCase


class TestClassification(RetailOpsCase):
    def test_two_discrepancies_of_different_value_get_different_severity(self):
        small = self._take_in(unit_cost=4)
        large = self._take_in(unit_cost=400)
        self.assertEqual(small.severity, "low")
        self.assertEqual(large.severity, "critical")

    def test_the_exception_shows_which_classifier_decided(self):
        exception = self._take_in()
        rule = self.env.ref("retail_ops_core.classifier_stock_medium")
        self.assertEqual(exception.classifier_id, rule)
        self.assertIn(rule.name, exception.classification_note)
        self.assertIn("72.50", exception.classification_note)

    def test_the_exception_shows_which_fact_would_have_changed_it(self):
        exception = self._take_in()
        self.assertIn("It would be High if Money impact", exception.classification_note)

    def test_a_french_reader_is_told_the_severity_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(["retail_ops_core"], ["fr_FR"])
        french = self._take_in(unit_cost=400).with_context(lang="fr_FR")
        self.assertIn("Critique", french._priority_note(french, 0.4))

    def test_an_exception_raised_by_hand_is_classified_by_the_rule(self):
        exception = self._raise_by_hand(self.manager)
        self.assertEqual(exception.state, "triaged")
        self.assertEqual(exception.severity, "medium")
        self.assertFalse(exception.needs_classification)

    def test_with_the_rule_switched_off_exceptions_are_counted_as_unclassified(self):
        self.env.ref("retail_ops_core.automation_classify").active = False
        by_hand = self._raise_by_hand(self.manager)
        by_event = self._take_in()
        waiting = self.env["retail.exception"].search(
            [("needs_classification", "=", True), ("is_open", "=", True)]
        )
        self.assertLessEqual(by_hand | by_event, waiting)
        self.assertEqual(by_hand.state, "new")
        self.assertEqual(by_event.state, "new")
        self.assertTrue(by_event.user_id)
        self.assertTrue(by_event.resolve_due)

    def test_an_administrator_changes_a_classifier_and_the_next_event_obeys(self):
        rule = self.env.ref("retail_ops_core.classifier_stock_medium")
        rule.with_user(self.admin).severity = "high"
        self.assertEqual(self._take_in().severity, "high")

    def test_changed_facts_are_classified_again(self):
        exception = self._raise_by_hand(self.manager)
        exception.with_user(self.manager).unit_cost = 400
        self.assertEqual(exception.severity, "critical")

    def test_classifying_again_changes_nothing(self):
        exception = self._take_in()
        before = exception.read()
        exception._classify()
        after = exception.read()
        for row in before + after:
            row.pop("write_date")
        self.assertEqual(before, after)

    def test_conditions_that_cannot_be_read_are_refused(self):
        rule = self.env.ref("retail_ops_core.classifier_stock_medium")
        with self.assertRaisesRegex(ValidationError, "cannot be read"):
            rule.domain = "[('no_such_field', '=', 1)]"
        with self.assertRaisesRegex(ValidationError, "cannot be read"):
            rule.domain = "import os"

    def test_headquarters_gets_one_review_task_above_the_threshold_and_none_below(self):
        review = self.env.ref("retail_ops_core.activity_review")
        below = self._take_in(unit_cost=10)
        above = self._take_in(unit_cost=200)
        self.assertNotIn(review, below.activity_ids.activity_type_id)
        tasks = above.activity_ids.filtered(lambda act: act.activity_type_id == review)
        self.assertEqual(tasks.user_id, self.operations)
        above._request_review()
        above._classify()
        self.assertEqual(
            above.activity_ids.filtered(lambda act: act.activity_type_id == review),
            tasks,
        )

    def test_with_the_review_rule_off_the_need_stays_visible(self):
        self.env.ref("retail_ops_core.automation_review").active = False
        above = self._take_in(unit_cost=200)
        self.assertEqual(above.review_state, "needed")
