from datetime import timedelta

from odoo import fields

from .common import RetailOpsCase


class TestUrgency(RetailOpsCase):
    def test_without_trouble_a_line_says_how_the_due_time_came_about(self):
        exception = self._take_in().with_user(self.manager)
        self.assertEqual(exception.urgency, exception.priority_note)

    def test_a_missed_deadline_and_its_level_are_named(self):
        exception = self._take_in()
        missed = fields.Datetime.now() - timedelta(hours=2)
        exception.write({"resolve_due": missed, "escalation_level": 2})
        seen = exception.with_user(self.region_manager)
        self.assertEqual(seen.urgency, "overdue by 2 hours · at level 2")

    def test_a_repeat_is_named(self):
        self._take_in()
        again = self._take_in().with_user(self.manager)
        self.assertEqual(again.urgency, "repeat no. 1")
