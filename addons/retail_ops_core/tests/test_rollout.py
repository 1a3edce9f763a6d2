from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..tools import agreement, inventory
from .rollout_common import RolloutCase
from .rpc_common import RpcCase


class TestRules(RolloutCase):
    def test_by_default_classifiers_act_in_every_store(self):
        case = self._take_in()
        self.assertTrue(case.classifier_id)
        self.assertFalse(self._shadow_of(case))

    def test_a_workflow_can_be_active_for_one_store_only(self):
        self._put_in_waves()
        self._wave(self.store, "live")
        here, elsewhere = self._take_in(), self._take_in(store_id=self.far_store.id)
        self.assertTrue(here.classifier_id)
        self.assertFalse(elsewhere.classifier_id)
        self.assertEqual(elsewhere.severity, self.discrepancy.default_severity)
        self.assertIn("not live in this store", elsewhere.classification_note)
        self.assertEqual(elsewhere.state, "triaged")
        self.assertFalse(self._shadow_of(elsewhere))

    def test_types_of_other_workflows_are_classified_as_ever(self):
        self._put_in_waves()
        cash = self.env.ref("retail_ops_core.type_cash_over_short")
        case = self._take_in(type_id=cash.id, amount=5000)
        self.assertNotIn("not live", case.classification_note)

    def test_in_shadow_the_proposal_is_noted_and_the_case_stays_as_it_was(self):
        self._put_in_waves()
        wave = self._wave(self.store, "shadow")
        self.discrepancy.default_severity = "low"
        case = self._take_in()
        shadow = self._shadow_of(case)
        self.assertEqual(shadow.wave_id, wave)
        self.assertFalse(case.classifier_id)
        self.assertEqual(case.severity, "low")
        classifier, _note = case._deciding_classifiers()._decide(case)
        self.assertEqual(shadow.rule, classifier.name)
        self.assertEqual(shadow.proposed_code, classifier.severity)

    def test_looking_again_at_a_case_notes_it_once(self):
        self._put_in_waves()
        self._wave(self.store, "shadow")
        case = self._take_in()
        case.counted_quantity = 1
        case._classify()
        self.assertEqual(len(self._shadow_of(case)), 1)

    def test_what_a_person_set_stands_where_classifiers_do_not_act(self):
        self._put_in_waves()
        case = self._take_in()
        case._set_severity("critical", "The shelf is empty.")
        case.counted_quantity = 1
        case._classify()
        self.assertEqual(case.severity, "critical")
        self.assertFalse(case.needs_classification)


class TestAgreement(RolloutCase):
    def setUp(self):
        super().setUp()
        self._put_in_waves()
        self.wave = self._wave(self.store, "shadow")

    def _finished(self, severity=None):
        case = self._take_in()
        proposed = self._shadow_of(case).proposed_code
        case._set_severity(severity or proposed, "Looked at it.")
        case._set_in_progress()
        case._set_resolved("Found in the backroom.")
        return case

    def test_the_report_counts_what_people_did_alike(self):
        alike, other = self._finished(), self._finished("critical")
        self.wave.action_compare()
        self.assertEqual(self._shadow_of(alike).verdict, "agrees")
        differs = self._shadow_of(other)
        self.assertEqual(differs.verdict, "differs")
        self.assertIn("Looked at it.", differs.explanation)
        self.assertEqual(self.wave.agreement_percent, 50)
        self.assertEqual(self.wave.difference_count, 1)
        self.assertIn(differs.rule, self.wave.agreement_report)

    def test_each_difference_opens_its_record(self):
        other = self._finished("critical")
        self.wave.action_compare()
        [difference] = self.Shadow.search(self.wave.action_open_differences()["domain"])
        action = difference.with_user(self.operations).action_open_document()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (other._name, other.id)
        )

    def test_what_is_not_finished_is_not_compared(self):
        self._take_in()
        self.wave.action_compare()
        self.assertEqual(self.wave.compared_count, 0)
        self.assertEqual(self.wave.open_count, 1)

    def test_another_type_is_a_difference(self):
        case = self._take_in()
        case.type_id = self.env.ref("retail_ops_core.type_stockout_risk")
        case._set_in_progress()
        case._set_resolved("It was never delivered.", self._root_cause())
        self.wave.action_compare()
        self.assertEqual(self._shadow_of(case).verdict, "differs")

    def _root_cause(self):
        return self.env["retail.root.cause"].search([], limit=1)

    def test_kappa_is_that_of_the_literature(self):
        pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10
        found = agreement.compare(pairs + [("n", "n")] * 15)
        self.assertEqual((found.count, found.same, found.percent), (50, 35, 70))
        self.assertAlmostEqual(found.kappa, 0.4)

    def test_kappa_says_nothing_where_all_is_one_category(self):
        self.assertIsNone(agreement.compare([("y", "y")] * 5).kappa)
        self.assertEqual(agreement.compare([]).count, 0)


class TestSteps(RolloutCase):
    def test_one_alone_does_not_take_a_workflow_off_the_stores(self):
        workflow = self.workflow.with_user(self.admin)
        with self.assertRaisesRegex(UserError, "another agrees"):
            workflow.action_put_in_waves()
        workflow.action_ask_for_waves("Because.")
        with self.assertRaisesRegex(UserError, "another agrees"):
            workflow.action_put_in_waves()
        self.assertEqual(self.workflow.mode, "everywhere")

    def test_a_second_person_agrees_and_the_ledger_names_both(self):
        self._put_in_waves()
        self.assertEqual(self.workflow.mode, "waves")
        entry = self._ledger_of(self.workflow).filtered(
            lambda each: each.action == "rollout.mode"
        )
        self.assertEqual(entry.user_id, self.second_admin.id)
        self.assertEqual(entry.facts["asked_by"], self.admin.id)
        self.assertEqual(entry.facts["why"], "We begin with two stores.")

    def test_a_wave_begins_only_where_waves_were_agreed_to(self):
        wave = self._wave(self.store)
        with self.assertRaisesRegex(UserError, "acts everywhere"):
            wave.action_start_shadow("Now.")

    def test_a_wave_takes_the_stores_of_a_region_or_a_cluster(self):
        self._put_in_waves()
        self.other_store.cluster = "Test city"
        wave = self._wave(self.store, store_domain="[('cluster', '=', 'Test city')]")
        wave.action_start_shadow("Now.")
        self.assertEqual(wave.store_ids, self.other_store)
        by_region = self._wave(
            self.store, store_domain=str([("region_id", "=", self.far_region.id)])
        )
        by_region.action_start_shadow("Now.")
        self.assertEqual(by_region.store_ids, self.far_store)

    def test_a_store_is_in_one_wave_of_a_workflow(self):
        self._put_in_waves()
        self._wave(self.store, "shadow")
        second = self._wave(self.store | self.far_store)
        with self.assertRaisesRegex(UserError, "already"):
            second.action_start_shadow("Now.")

    def test_promoting_is_one_action_and_so_is_going_back(self):
        self._put_in_waves()
        wave = self._wave(self.store, "shadow")
        case = self._take_in()
        case._set_in_progress()
        case._set_resolved("Found.")
        self._freeze(self.store)
        wave.action_promote("Two weeks of agreement.")
        self.assertEqual(wave.state, "live")
        self.assertTrue(self._take_in().classifier_id)
        wave.action_back_to_shadow("Too many criticals.")
        self.assertEqual(wave.state, "shadow")
        self.assertFalse(self._take_in().classifier_id)
        wave.action_roll_back("Start over.")
        self.assertEqual(wave.state, "rolled_back")
        moves = self._ledger_of(wave).filtered(lambda e: e.action == "rollout.wave")
        reasons = {entry.facts["why"] for entry in moves}
        self.assertIn("Too many criticals.", reasons)
        promoted = moves.filtered(lambda entry: entry.facts["to"] == "live")
        self.assertEqual(promoted.facts["gates"]["agreement"][0], "pass")

    def test_without_a_reason_a_dialog_asks(self):
        wave = self._wave(self.store)
        action = wave.action_start_shadow()
        self.assertEqual(action["res_model"], "retail.rollout.step")
        self._put_in_waves()
        step = self.env["retail.rollout.step"].with_user(self.admin)
        step = step.with_context(**action["context"]).create({"reason": "Let us see."})
        step.action_confirm()
        self.assertEqual(wave.state, "shadow")

    def test_a_repeated_step_changes_nothing(self):
        self._put_in_waves()
        wave = self._wave(self.store, "shadow")
        before = len(self._ledger_of(wave))
        wave.action_start_shadow("Again.")
        self.assertEqual(len(self._ledger_of(wave)), before)


class TestGates(RolloutCase):
    def setUp(self):
        super().setUp()
        self._put_in_waves()

    def _gate(self, wave, code):
        return wave.gate_ids.filtered(lambda gate: gate.code == code)

    def test_too_little_agreement_keeps_a_wave_from_going_live(self):
        wave = self._wave(self.store, "shadow", least_agreement=90)
        with self.assertRaisesRegex(UserError, "Agreement"):
            wave.action_promote("Now.")
        self.assertEqual(wave.state, "shadow")

    def test_bad_master_data_keeps_a_wave_from_going_live(self):
        self.store.manager_id = False
        wave = self._wave(self.store, "shadow", least_quality=95)
        wave.action_check_gates()
        gate = self._gate(wave, "quality")
        self.assertEqual(gate.verdict, "fail")
        found = self.env["retail.data.finding"].search(
            gate.action_open_evidence()["domain"]
        )
        self.assertEqual(found.store_id, self.store)

    def test_a_broken_ledger_keeps_a_wave_from_going_live(self):
        wave = self._wave(self.store, "shadow")
        wave.action_check_gates()
        self.assertEqual(self._gate(wave, "controls").verdict, "pass")
        broken = self.env.ref("retail_ops_core.type_ledger_broken")
        case = self._take_in(type_id=broken.id, product_id=False)
        wave.action_check_gates()
        gate = self._gate(wave, "controls")
        self.assertEqual(gate.verdict, "fail")
        self.assertIn(case.name, gate.evidence)

    def test_a_control_that_broke_since_its_last_look_keeps_a_wave_in_shadow(self):
        wave = self._wave(self.store, "shadow")
        control = self.env.ref("retail_ops_core.control_ledger_refuses")
        control.action_check()
        self.assertEqual(control.result, "pass")
        self.env.cr.execute("DROP TRIGGER retail_audit_no_change ON retail_audit_entry")
        with self.assertRaisesRegex(UserError, "Controls"):
            wave.action_promote("Now.")
        self.assertEqual(wave.state, "shadow")

    def test_without_a_locked_baseline_of_its_stores_a_wave_stays_in_shadow(self):
        wave = self._wave(self.store, "shadow")
        self._freeze(self.far_store)
        wave.action_check_gates()
        self.assertEqual(self._gate(wave, "baseline").verdict, "fail")
        baseline = self._freeze(self.store)
        wave.action_check_gates()
        gate = self._gate(wave, "baseline")
        self.assertEqual(gate.verdict, "pass")
        self.assertIn("Before the first wave", gate.evidence)
        domain = gate.action_open_evidence()["domain"]
        self.assertEqual(self.env["retail.kpi.baseline"].search(domain), baseline)

    def test_stores_and_limits_stand_once_a_wave_has_begun(self):
        wave = self._wave(self.store, "shadow")
        for vals in (
            {"least_agreement": 1},
            {"store_domain": "[]"},
            {"workflow_ids": False},
        ):
            with self.assertRaises(UserError):
                wave.write(vals)
        with self.assertRaises(UserError):
            wave.unlink()


class TestInventory(RolloutCase):
    def test_the_first_wave_is_shipped_with_what_belongs_to_it(self):
        shipped = {
            "inventory": "inventory_discrepancy",
            "local_procurement": "local_need",
            "maintenance": "equipment_failure",
            "promotion": "promotion_readiness",
        }
        for name, code in shipped.items():
            workflow = self.env.ref(f"retail_ops_core.workflow_{name}")
            self.assertIn(code, workflow.type_ids.mapped("code"))
            self.assertEqual(workflow.mode, "everywhere")

    def test_three_facts_make_the_score(self):
        self.assertEqual(inventory.points(0, 100), 0)
        self.assertEqual(inventory.points(1, 100), 1)
        self.assertEqual(inventory.points(61, 100), 4)
        self.assertEqual(inventory.points(100, 100), 5)
        self.assertEqual(inventory.score(4, 3, 5), 60)

    def test_volume_and_delay_are_counted_and_the_arithmetic_shows(self):
        before = self.workflow.volume or 0
        self.workflow._cron_measure()
        before = self.workflow.volume
        case = self._take_in()
        case.opened_at = "2020-01-01 08:00:00"
        self._take_in()
        self.workflow.with_user(self.operations).action_measure()
        self.assertEqual(self.workflow.volume, before + 1)
        self.workflow.write({"clarity": "4", "clarity_reason": "Handbook 4.2"})
        points = self.workflow.volume_points, self.workflow.delay_points
        self.assertEqual(self.workflow.score, points[0] * points[1] * 4)
        self.assertIn(f"= {self.workflow.score} of 125", self.workflow.score_note)

    def test_the_delay_of_a_workflow_is_the_median_and_not_the_mean(self):
        for hours in (2, 4, 9):
            case = self._take_in()
            case._set_resolved("Found")
            case.opened_at = case.resolved_at - timedelta(hours=hours)
        self.workflow.with_user(self.operations).action_measure()
        self.assertAlmostEqual(self.workflow.median_hours, 4, 2)
        self.assertIn("median 4.0 h", self.workflow.measure_note)

    def test_clarity_needs_a_reason(self):
        with self.assertRaisesRegex(UserError, "Say in one sentence"):
            self.workflow.clarity = "5"

    def test_a_workflow_shows_and_prints_events_thresholds_paths_and_raci(self):
        for part in ("Events", "Thresholds", "Exception path", "Who does what"):
            self.assertIn(part, self.workflow.definition)
        report = self.env["ir.actions.report"]
        html, _kind = report._render_qweb_html(
            "retail_ops_core.report_workflow", self.workflow.ids
        )
        self.assertIn(b"Exception path", html)

    def test_what_people_took_out_of_a_workflow_is_not_put_back(self):
        self.discrepancy.workflow_id = False
        members = {
            "retail_ops_core.workflow_inventory": [
                "retail_ops_core.type_inventory_discrepancy",
                "retail_ops_core.type_damaged_goods",
            ]
        }
        self.workflow._take_in("retail.exception.type", members)
        self.assertFalse(self.discrepancy.workflow_id)


class TestAccess(RolloutCase):
    def test_states_stores_and_modes_are_no_fields_to_write(self):
        self._put_in_waves()
        wave = self._wave(self.store, "shadow")
        for vals in ({"state": "live"}, {"store_ids": self.far_store.ids}):
            with self.assertRaises(AccessError):
                wave.write(vals)
        workflow = self.workflow.with_user(self.admin)
        for vals in ({"mode": "everywhere"}, {"wave_ids": wave.ids}):
            with self.assertRaises(AccessError):
                workflow.write(vals)
        with self.assertRaises(AccessError):
            workflow.create({"name": "X", "code": "x", "mode": "waves"})

    def test_no_type_is_taken_into_waves_by_one_alone(self):
        self._put_in_waves()
        cash = self.env.ref("retail_ops_core.type_cash_over_short")
        with self.assertRaisesRegex(UserError, "in waves"):
            cash.with_user(self.admin).workflow_id = self.workflow
        with self.assertRaisesRegex(UserError, "in waves"):
            self.workflow.with_user(self.admin).type_ids = cash

    def test_a_context_key_switches_nothing(self):
        self._put_in_waves()
        case = self._take_in().with_context(mode="everywhere", stage="live")
        case._classify()
        self.assertFalse(case.classifier_id)

    def test_an_administrator_moves_no_stores_of_a_company_he_does_not_work_in(self):
        self._put_in_waves()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        region = self.env["retail.region"].create(
            {"name": "There", "code": "T-E", "company_id": elsewhere.id}
        )
        there = self.env["retail.store"].create(
            {
                "name": "There",
                "code": "T-E1",
                "company_id": elsewhere.id,
                "region_id": region.id,
                "tz": "UTC",
            }
        )
        wave = self._wave(self.store | there)
        with self.assertRaisesRegex(AccessError, "Elsewhere"):
            wave.action_start_shadow("Both of them.")
        self.assertEqual(wave.state, "draft")
        wave.sudo().write({"state": "live", "store_ids": there.ids})
        with self.assertRaisesRegex(AccessError, "Elsewhere"):
            wave.action_roll_back("Because.")

    def test_auditors_read_and_change_nothing(self):
        wave = self._wave(self.store).with_user(self.auditor)
        self.assertEqual(wave.name, "First wave")
        for step in ("start_shadow", "promote", "roll_back", "check_gates"):
            with self.assertRaises(AccessError):
                args = () if step == "check_gates" else ("Because.",)
                getattr(wave, f"action_{step}")(*args)


@tagged("post_install", "-at_install")
class TestAttacks(RolloutCase, RpcCase):
    def test_stores_and_regions_cannot_move_waves_over_rpc(self):
        self._put_in_waves()
        wave = self._wave(self.store, "live")
        for user in (self.manager, self.region_manager, self.operations):
            user.password = user.login
            self.authenticate(user.login, user.login)
            for method in ("action_roll_back", "action_back_to_shadow"):
                answer = self._call(wave._name, method, wave.ids, "Because.")
                self.assertTrue(self._is_refused(answer), (user.login, method))
            answer = self._call(wave._name, "write", wave.ids, {"state": "draft"})
            self.assertTrue(self._is_refused(answer))
            for method in ("action_ask_for_waves", "action_act_everywhere"):
                answer = self._call(
                    self.workflow._name, method, self.workflow.ids, "Because."
                )
                self.assertTrue(self._is_refused(answer), (user.login, method))
        self.assertEqual(wave.state, "live")

    def test_no_shadow_record_is_made_or_changed_over_rpc(self):
        self._put_in_waves()
        wave = self._wave(self.store, "shadow")
        shadow = self._shadow_of(self._take_in())
        self.admin.password = self.admin.login
        self.authenticate(self.admin.login, self.admin.login)
        answers = [
            self._call(shadow._name, "write", shadow.ids, {"verdict": "agrees"}),
            self._call(shadow._name, "unlink", shadow.ids),
            self._call(
                wave._name, "write", wave.ids, {"shadow_ids": [[2, shadow.id, 0]]}
            ),
            self._call("retail.rollout.gate", "create", {"wave_id": wave.id}),
        ]
        for answer in answers:
            self.assertTrue(self._is_refused(answer), answer)
