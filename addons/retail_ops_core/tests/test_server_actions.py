from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from .common import RetailOpsCase


class TestServerActions(RetailOpsCase):
    def _run(self, name, exceptions, user):
        action = self.env.ref(f"retail_ops_core.server_action_{name}").with_user(user)
        return action.with_context(
            active_model="retail.exception",
            active_ids=exceptions.ids,
            active_id=exceptions[:1].id,
        ).run()

    def test_assignment_of_a_selection(self):
        exceptions = self._take_in() | self._take_in()
        self._run("assign", exceptions, self.member)
        self.assertEqual(exceptions.user_id, self.member)

    def test_escalation_of_a_selection(self):
        exceptions = self._take_in() | self._take_in()
        self._run("escalate", exceptions, self.manager)
        self.assertEqual(exceptions.user_id, self.region_manager)

    def test_a_field_update_of_a_selection(self):
        exceptions = self._take_in() | self._take_in()
        self._run("raise_severity", exceptions, self.manager)
        self.assertEqual(set(exceptions.mapped("severity")), {"high"})

    def test_a_workflow_transition_of_a_selection(self):
        exceptions = self._take_in() | self._take_in()
        self._run("start", exceptions, self.manager)
        self.assertEqual(set(exceptions.mapped("state")), {"in_progress"})

    def test_a_selection_of_another_store_is_refused(self):
        exception = self._take_in(store_id=self.far_store.id)
        for name in ("assign", "escalate", "raise_severity", "start", "close"):
            with self.subTest(name), self.assertRaises(AccessError):
                self._run(name, exception, self.manager)

    def test_auditors_and_outsiders_run_none_of_them(self):
        exception = self._take_in()
        for user in (self.auditor, self.outsider):
            for name in ("assign", "escalate", "raise_severity", "start", "close"):
                with self.subTest(user=user.login, action=name):
                    with self.assertRaises(AccessError), mute_logger("odoo.addons"):
                        self._run(name, exception, user)

    def test_free_text_alone_is_no_case(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["retail.exception"].with_user(self.manager).create(
                {"summary": "Something is wrong", "store_id": self.store.id}
            )
