from contextlib import contextmanager

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, Form, tagged

from ..tools import matrix
from ..tools.matrix import Facts, Matrix, Row
from .common import ApprovalCase
from .test_sheet import workbook

SMALL = Row(id=1, amount_max=50)
LARGE = Row(id=2, amount_min=50)
FROM_80 = Row(id=3, amount_min=80, region_ids=(7,), base_id=2)
BELOW_80 = Row(id=4, amount_max=80, region_ids=(7,), base_id=1)
BELOW_60 = Row(id=5, amount_max=60, region_ids=(8,), base_id=1)


@tagged("post_install", "-at_install")
class TestVariantMatrix(BaseCase):
    def _decides(self, region_ids, amount):
        rows = Matrix([SMALL, LARGE], [FROM_80, BELOW_80, BELOW_60])
        facts = Facts(amount=amount, region_ids=region_ids)
        row = rows.in_regions(region_ids).match(facts)
        return row and row.id

    def test_a_variant_stands_for_its_row_in_its_region_and_below_it(self):
        self.assertEqual(self._decides((1,), 60), 2)
        self.assertEqual(self._decides((1, 7), 60), 4)
        self.assertEqual(self._decides((1, 7, 9), 80), 3)

    def test_the_region_nearest_to_the_store_wins_row_by_row(self):
        self.assertEqual(self._decides((7, 8), 59), 5)
        self.assertEqual(self._decides((7, 8), 80), 3)
        self.assertIsNone(self._decides((7, 8), 70))

    def test_places_without_variants_share_the_rows_of_the_policy(self):
        rows = Matrix([SMALL, LARGE], [FROM_80])
        self.assertIs(rows.in_regions((1, 2)), rows)
        self.assertIs(rows.in_regions((1, 7)), rows.in_regions((7, 3)))

    def test_two_rows_that_cover_the_same_amounts_overlap(self):
        found = matrix.overlaps([Row(id=1, amount_max=60), LARGE])
        self.assertEqual([(low, high) for _row, _later, low, high in found], [(50, 60)])
        open_end = matrix.overlaps([LARGE, Row(id=6, amount_min=10)])
        self.assertEqual(open_end[0][2:], (50, None))
        self.assertFalse(matrix.overlaps([SMALL, LARGE]))
        self.assertFalse(matrix.overlaps([LARGE, Row(id=6, amount_min=70)]))


class VariantCase(ApprovalCase):
    """Write-offs below 50 pass; regions may set that limit between 30 and 100."""

    @classmethod
    def _draft(cls):
        both = {"amount_min_lowest": 30, "amount_min_highest": 100}
        below = {"amount_max_lowest": 30, "amount_max_highest": 100}
        return cls._draft_policy(
            [
                {"amount_max": 50, "outcome": "none", **below},
                {"amount_min": 50, "steps": ["region"], **both},
            ]
        )

    @classmethod
    def _vary(cls, row, **values):
        values = {
            "base_id": row.id,
            "region_ids": [Command.set(cls.region.ids)],
        } | values
        return cls.env["retail.approval.rule"].with_user(cls.admin).create(values)

    @classmethod
    def _varied(cls, limit=80):
        """Return a draft in which the test store's region sets the limit."""
        draft = cls._draft()
        small, large = draft.rule_ids
        cls._vary(small, amount_max=limit)
        cls._vary(large, amount_min=limit)
        return draft

    @contextmanager
    def _refused(self, words):
        with self.assertRaises(ValidationError) as refused:
            yield
        self.assertIn(words, str(refused.exception))

    def _publish(self, draft):
        draft.with_user(self._second_admin()).action_publish()
        return draft.sudo()


@tagged("post_install", "-at_install")
class TestVariant(VariantCase):
    def test_a_region_sets_its_own_limit_and_the_others_keep_the_rows(self):
        draft = self._publish(self._varied())
        here = self._request_of(self._write_off())  # 72.50
        self.assertTrue(here.is_automatic)
        self.assertEqual(here.rule_id, draft.variant_ids[0])
        far = self._raise_by_hand(self.far_manager, store_id=self.far_store.id).sudo()
        self.assertEqual(self._request_of(far).rule_id, draft.rule_ids[1])

    def test_a_limit_outside_the_range_is_refused(self):
        small, large = self._draft().rule_ids
        for limit in (29.99, 100.01):
            with self._refused("30.00 to 100.00"):
                self._vary(small, amount_max=limit)
        self._vary(small, amount_max=100)
        variant = self._vary(large, amount_min=30)
        with self._refused("The row allows"):
            variant.amount_min = 1000

    def test_an_open_end_is_no_limit_within_the_range(self):
        small, _large = self._draft().rule_ids
        with self._refused("The row allows"):
            self._vary(small, amount_max=0)

    def test_what_the_row_says_nothing_about_no_region_changes(self):
        _small, large = self._draft().rule_ids
        with self._refused("no other limit"):
            self._vary(large, variance_min=5)

    def test_a_range_that_shuts_out_a_variant_is_refused_too(self):
        draft = self._varied(80)
        with self._refused("The row allows"):
            draft.rule_ids[0].amount_max_highest = 60

    def test_a_region_asks_more_people_and_never_fewer(self):
        _small, large = self._draft().rule_ids
        loss = self._step_values("loss")
        variant = self._vary(large, step_ids=[Command.create({**loss, "sequence": 20})])
        self.assertEqual(
            variant._asked_steps().mapped("approver"), ["region_manager", "group"]
        )
        self._publish(large.policy_id)
        request = self._request_of(self._write_off())
        self.assertEqual(request.rule_id, variant)
        self.assertEqual(len(request.step_ids), 2)
        self._approve(request, self.region_manager)
        self.assertEqual(request.state, "pending")
        self._approve(request, self.loss_prevention)
        self.assertEqual(request.state, "approved")

    def test_a_region_cannot_let_pass_what_the_row_puts_before_people(self):
        _small, large = self._draft().rule_ids
        with self._refused("limits and asks more people"):
            self._vary(large, outcome="none")

    def test_a_region_can_put_before_people_what_the_row_lets_pass(self):
        small, _large = self._draft().rule_ids
        variant = self._vary(
            small, step_ids=[Command.create(self._step_values("region"))]
        )
        self.assertEqual(variant.outcome, "steps")
        self._publish(small.policy_id)
        request = self._request_of(self._write_off(counted_quantity=11))
        self.assertEqual(request.step_ids.approver_ids, self.region_manager)

    def test_conditions_are_those_of_the_row(self):
        _small, large = self._draft().rule_ids
        variant = self._vary(large)
        finance = self.env.ref("retail_ops_core.group_finance")
        for change in (
            {"family": "cash"},
            {"is_emergency": True},
            {"requester_group_ids": [Command.set(finance.ids)]},
            {"kind_id": self.env.ref("retail_ops_approvals.kind_urgent_buy").id},
        ):
            with self._refused("differs from its row"):
                variant.write(change)
        large.with_user(self.admin).write({"family": "stock", "recurrence_min": 2})
        self.assertEqual((variant.family, variant.recurrence_min), ("stock", 2))

    def test_limits_that_a_region_left_alone_follow_the_row(self):
        draft = self._draft()
        _small, large = draft.rule_ids
        variant = self._vary(
            large, step_ids=[Command.create(self._step_values("loss"))]
        )
        large.with_user(self.admin).amount_min = 60
        self.assertEqual(variant.amount_min, 60)

    def test_a_region_has_one_variant_of_a_row_and_a_variant_none(self):
        small, _large = self._draft().rule_ids
        variant = self._vary(small, amount_max=80)
        with self._refused("variant of this row already"):
            self._vary(small, amount_max=90)
        with self._refused("not another variant"):
            self._vary(variant, region_ids=[Command.set(self.far_region.ids)])
        with self._refused("in which region"):
            self._vary(small, region_ids=[])

    def test_a_variant_holds_only_where_its_row_does(self):
        small, _large = self._draft().rule_ids
        small.with_user(self.admin).region_ids = self.far_region
        with self._refused("does not hold"):
            self._vary(small, amount_max=80)

    def test_a_new_version_takes_the_variants_along(self):
        policy = self._publish(self._varied())
        action = policy.with_user(self.admin).action_new_version()
        draft = self.Policy.browse(action["res_id"])
        self.assertEqual(draft.variant_ids.base_id, draft.rule_ids)
        self.assertEqual(
            draft.variant_ids.mapped("difference"),
            policy.variant_ids.mapped("difference"),
        )

    def test_a_published_variant_stands_as_it_is(self):
        variant = self._publish(self._varied()).variant_ids[0]
        with self.assertRaisesRegex(UserError, "new version"):
            variant.with_user(self.admin).amount_max = 90
        with self.assertRaisesRegex(UserError, "new version"):
            variant.unlink()
        with self.assertRaisesRegex(UserError, "new version"):
            self._vary(variant.base_id, region_ids=[Command.set(self.far_region.ids)])

    def test_only_administrators_write_variants(self):
        small, _large = self._draft().rule_ids
        for user in (self.region_manager, self.operations, self.auditor):
            with self.assertRaises(AccessError):
                self._vary(small, amount_max=80).with_user(user).amount_max = 90

    def test_who_writes_a_variant_is_an_author(self):
        draft = self._draft()
        second = self._second_admin()
        self._vary(draft.rule_ids[0], amount_max=60).with_user(second).amount_max = 70
        with self.assertRaisesRegex(UserError, "somebody else"):
            draft.with_user(second).action_publish()

    # === IT IS SHOWN === #

    def test_the_difference_is_told_in_words(self):
        small, large = self._varied().variant_ids
        self.assertEqual(small.difference, "below 80.00 instead of below 50.00")
        loss = Command.create(self._step_values("loss"))
        large.write({"step_ids": [loss], "needs_evidence": True})
        self.assertEqual(
            large.difference,
            "80.00 and more instead of 50.00 and more, with evidence, "
            "also asks Loss prevention",
        )

    def test_what_is_allowed_shows_as_soon_as_the_row_is_chosen(self):
        small, _large = self._draft().rule_ids
        rules = self.env["retail.approval.rule"].with_user(self.admin)
        view = "retail_ops_approvals.view_rule_variant_form"
        form = Form(rules.with_context(default_policy_id=small.policy_id.id), view)
        form.base_id = small
        self.assertEqual(form.allowed, "Below: 30.00 to 100.00")
        form.region_ids = self.region
        form.amount_max = 80
        self.assertEqual(form.save().difference, "below 80.00 instead of below 50.00")

    def test_every_override_in_force_is_in_the_report(self):
        policy = self._publish(self._varied())
        action = self.env.ref("retail_ops_approvals.action_variant")
        rules = self.env["retail.approval.rule"].with_user(self.auditor)
        found = rules.search([("base_id", "!=", False), ("state", "=", "published")])
        self.assertLessEqual(policy.variant_ids, found)
        self.assertEqual(action.domain, "[('base_id', '!=', False)]")
        shown = found[0].read(["region_ids", "base_id", "difference", "allowed"])
        self.assertTrue(all(shown[0].values()))

    def test_the_request_and_its_preview_say_that_the_region_differs(self):
        draft = self._draft()
        self._vary(draft.rule_ids[1], amount_min=60)
        self._publish(draft)
        case = self._write_off()
        self.assertIn("60.00 and more", self._request_of(case).explanation_html)
        self.assertIn("limits of its own", self._request_of(case).explanation_html)
        preview = case.with_user(self.manager).approval_preview()
        self.assertRegex(preview["variant"][0], "instead of 50.00 and more")

    def test_gaps_and_overlaps_of_a_region_are_found_before_publishing(self):
        draft = self._draft()
        small, large = draft.rule_ids
        self.assertFalse(draft.findings)
        variant = self._vary(large, amount_min=70)
        name = self.region.name
        self.assertIn(f"{name}: Stock write-off: no row covers 50.00", draft.findings)
        variant.amount_min = 40
        draft.invalidate_recordset()
        self.assertRegex(draft.findings, f"{name}: .*two rows cover 40.00 to 50.00")

    def test_a_variants_step_without_people_is_found(self):
        empty = self.env["res.groups"].create({"name": "Nobody's role"})
        draft = self._draft()
        step = {"approver": "group", "group_id": empty.id}
        self._vary(draft.rule_ids[1], step_ids=[Command.create(step)])
        self.assertIn("nobody holds Nobody's role", draft.findings)

    def test_publishing_keeps_variants_in_the_ledger(self):
        policy = self._publish(self._varied())
        entry = self.env["retail.audit.entry"].search(
            [
                ("model", "=", policy._name),
                ("res_id", "=", policy.id),
                ("action", "=", "approval.policy.published"),
            ]
        )
        self.assertEqual(len(entry.facts["rules"]), 4)

    # === ON PAPER AND AS A SPREADSHEET === #

    def test_what_is_exported_comes_back_the_same(self):
        draft = self._varied()
        loss = {**self._step_values("loss"), "sequence": 20}
        draft.variant_ids[1].step_ids = [Command.create(loss)]
        before = self._told(draft)
        self._import(draft, draft.sheet)
        self.assertEqual(self._told(draft), before)

    def _told(self, draft):
        return [
            (each.line, each.difference, each.allowed, each.base_id.line)
            for each in draft._all_rules()
        ]

    def _import(self, draft, content):
        imports = self.env["retail.approval.import"].with_user(self.admin)
        values = {"policy_id": draft.id, "file": content, "filename": "matrix.xlsx"}
        return imports.create(values).action_import()

    def test_a_sheet_cannot_bring_a_limit_outside_the_range(self):
        columns = [
            "Kind",
            "From",
            "Regions",
            "Variant",
            "Regions may set from",
            "Step 1",
        ]
        row = ["stock_write_off", 50, None, None, "30 to 100", "Regional manager"]
        variant = ["stock_write_off", 500, self.region.code, "yes", None, None]
        draft = self._draft()
        with self._refused("30.00 to 100.00"):
            self._import(draft, workbook(columns, row, variant))
        self._import(draft, workbook(columns, row, [variant[0], 70, *variant[2:]]))
        self.assertEqual(draft.variant_ids.amount_min, 70)

    def test_a_variant_in_a_sheet_stands_below_its_row(self):
        columns = ["Kind", "Variant", "Regions may set from", "Step 1"]
        cases = [
            (["stock_write_off", "yes", None, None], "below the row it varies"),
            (["stock_write_off", None, "plenty", "Regional manager"], "no range"),
        ]
        for line, words in cases:
            with self.assertRaisesRegex(UserError, words):
                self._import(self._draft(), workbook(columns, line))

    def test_the_printed_policy_names_every_variant(self):
        policy = self._publish(self._varied())
        html, _type = self.env["ir.actions.report"]._render_qweb_html(
            "retail_ops_approvals.report_policy", policy.ids
        )
        for variant in policy.variant_ids:
            self.assertIn(variant.difference, html.decode())

    # === BACK-TEST === #

    def test_a_back_test_meets_the_variant_in_its_region(self):
        cases = [self._write_off() for _time in range(2)]
        ids = [self._request_of(case).id for case in cases]
        backtest = (
            self.env["retail.approval.backtest"]
            .with_user(self.admin)
            .create(
                {"policy_id": self._varied().id, "domain": f"[('id', 'in', {ids})]"}
            )
        )
        backtest.action_run()
        self.assertEqual(backtest.looser_count, 2)
        backtest.policy_id.variant_ids.with_user(self.admin).unlink()
        backtest.action_run()
        self.assertEqual(backtest.looser_count, 0)
