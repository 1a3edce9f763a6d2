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

    def _assert_found(self, code, name):
        """The control passed until now, and names what was done since."""
        control = self._control(code)
        self.assertFalse(control.evidence and name in control.evidence)
        control.action_check()
        self.assertEqual(control.result, "fail")
        self.assertIn(name, control.evidence)

    def _open_stores_to(self, group):
        return self.env["ir.model.access"].create(
            {
                "name": "Somebody opens stores",
                "model_id": self.env.ref("retail_ops_core.model_retail_store").id,
                "group_id": self.env.ref(group).id,
                "perm_read": True,
                "perm_write": True,
            }
        )

    def test_rights_and_rules_as_shipped_pass(self):
        for code in ("roles", "stores_apart", "auditor"):
            control = self._control(code)
            control.action_check()
            self.assertEqual(control.result, "pass", control.evidence)

    def test_a_right_that_somebody_gave_by_hand_shows(self):
        self._open_stores_to("base.group_user")
        self._assert_found("roles", "Somebody opens stores")

    def test_a_right_to_change_that_an_auditor_gets_by_any_role_shows(self):
        self._open_stores_to("base.group_user")
        self._assert_found("auditor", "Somebody opens stores")

    def test_a_right_that_was_archived_is_none(self):
        self._open_stores_to("base.group_user").active = False
        for code in ("roles", "auditor"):
            self._control(code).action_check()
            self.assertEqual(self._control(code).result, "pass")

    def test_a_record_rule_that_somebody_switched_off_shows(self):
        rule = self.env.ref("retail_ops_core.rule_checklist_store_user")
        rule.active = False
        self._assert_found("stores_apart", rule.display_name)

    def test_a_record_rule_by_hand_that_may_show_more_shows(self):
        self.env["ir.rule"].create(
            {
                "name": "All stores to everybody",
                "model_id": self.env.ref("retail_ops_core.model_retail_store").id,
                "groups": [(4, self.env.ref("base.group_user").id)],
            }
        )
        self._assert_found("stores_apart", "All stores to everybody")

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
