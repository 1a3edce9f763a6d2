from odoo.exceptions import AccessError

from .common import RetailOpsCase


class TestControls(RetailOpsCase):
    def _control(self, code):
        return self.env.ref(f"retail_ops_core.control_{code}")

    def test_each_control_names_its_requirement_and_its_test(self):
        for control in self.env["retail.control"].search([("code", "!=", False)]):
            with self.subTest(control.code):
                self.assertRegex(control.requirement, r"^R-\d{3}$")
                self.assertRegex(control.test, r"^test_\w+::test_\w+$")
                self.assertTrue(control.tested_version)

    def test_each_control_stands_there_with_version_and_last_result(self):
        controls = self.env["retail.control"].search([("code", "!=", False)])
        controls.with_user(self.auditor).action_check_all()
        addons = self.env["ir.module.module"].search([("state", "=", "installed")])
        versions = dict(addons.mapped(lambda addon: (addon.name, addon.latest_version)))
        for control in controls.with_user(self.auditor):
            addon = control.get_external_id()[control.id].split(".")[0]
            with self.subTest(control.code):
                self.assertEqual(control.tested_version, versions[addon])
                if control.is_live:
                    self.assertIn(control.result, ("pass", "fail"))
                    self.assertTrue(control.evidence and control.checked_at)

    def test_a_look_notes_result_evidence_and_time(self):
        control = self._control("ledger_refuses")
        control.with_user(self.auditor).action_check()
        self.assertEqual(control.result, "pass")
        self.assertTrue(control.checked_at)

    def test_a_trigger_that_somebody_removed_shows(self):
        control = self._control("ledger_refuses")
        control.action_check()
        self.env.cr.execute("DROP TRIGGER retail_audit_no_change ON retail_audit_entry")
        control.action_check()
        self.assertEqual(control.result, "fail")
        self.assertIn("3 of 4", control.evidence)
        entries = self.env["retail.audit.entry"].search(
            [("model", "=", control._name), ("res_id", "=", control.id)]
        )
        self.assertIn("fail", [entry.facts["to"] for entry in entries])

    def test_a_queue_whose_owner_left_shows(self):
        control = self._control("owners")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_users SET active = FALSE WHERE id = %s", [self.operations.id]
        )
        self.env.invalidate_all()
        control.action_check()
        self.assertEqual(control.result, "fail")
        self.assertIn(self.queue.name, control.evidence)

    def test_a_workflow_that_was_forgotten_in_waves_shows(self):
        control = self._control("rollout")
        control.action_check()
        self.assertEqual(control.result, "pass")
        self.env.ref("retail_ops_core.workflow_inventory").sudo().mode = "waves"
        control.action_check()
        self.assertEqual(control.result, "fail")

    def test_everything_is_looked_at_in_one_action(self):
        controls = self.env["retail.control"].with_user(self.operations)
        action = controls.action_check_all()
        self.assertEqual(action["res_model"], "retail.control")
        live = controls.search([("code", "!=", False)]).filtered("is_live")
        self.assertTrue(all(live.mapped("checked_at")))

    def test_what_is_proved_by_its_test_alone_has_no_result_here(self):
        control = self._control("auditor")
        control.action_check()
        self.assertFalse(control.is_live or control.result)

    def test_nobody_writes_a_result_and_stores_see_none(self):
        control = self._control("owners")
        for user in (self.admin, self.auditor, self.operations):
            with self.assertRaises(AccessError):
                control.with_user(user).write({"result": "pass"})
        with self.assertRaises(AccessError):
            control.with_user(self.manager).action_check()

    def test_the_register_prints(self):
        controls = self.env["retail.control"].search([("code", "!=", False)])
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "retail_ops_core.report_controls", controls.ids
        )
        self.assertIn(controls[0].name.encode(), html)
