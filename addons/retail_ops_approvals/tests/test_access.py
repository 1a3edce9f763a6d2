from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ApprovalCase


@tagged("post_install", "-at_install")
class TestAccess(ApprovalCase):
    def _sees(self, user, request):
        return request in self.Request.with_user(user).search([]).sudo()

    def test_each_role_sees_its_own_part(self):
        request = self._request_of(self._write_off())
        for user in (
            self.manager,
            self.member,
            self.region_manager,
            self.country_manager,
            self.operations,
            self.loss_prevention,
            self.finance,
            self.auditor,
        ):
            self.assertTrue(self._sees(user, request), user.login)
        for user in (self.far_manager, self.outsider):
            self.assertFalse(self._sees(user, request), user.login)

    def test_steps_and_decisions_follow_the_request(self):
        request = self._request_of(self._write_off())
        self._approve(request, self.region_manager)
        for part in (request.step_ids, request.decision_ids):
            self.assertTrue(part.with_user(self.manager).has_access("read"))
            self.assertFalse(part.with_user(self.far_manager).has_access("read"))

    def test_loss_prevention_does_not_see_what_it_does_not_answer_for(self):
        price = self.env.ref("retail_ops_core.type_price_label_error")
        price.approval_kind_id = self.kind
        request = self._request_of(self._write_off(type_id=price.id, amount=10))
        self.assertFalse(self._sees(self.loss_prevention, request))
        self.assertTrue(self._sees(self.finance, request))

    def test_whoever_decides_sees_request_and_case_and_nothing_else(self):
        person = new_test_user(self.env, "test_person", "base.group_user")
        self._publish_policy([{"steps": [{"approver": "user", "user_id": person.id}]}])
        exception = self._write_off()
        before = self._raise_by_hand(self.far_manager, store_id=self.far_store.id)
        before.sudo().approval_request_ids.with_user(person)
        request = self._request_of(exception)
        seen = self.env["retail.exception"].with_user(person).search([])
        self.assertIn(exception, seen.sudo())
        request.with_user(person).read(["amount", "context_html", "explanation_html"])
        self._approve(request, person)
        self.assertEqual(exception.state, "resolved")

    def test_another_companys_requests_stay_there(self):
        request = self._request_of(self._write_off())
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "test_stranger",
            "retail_ops_core.group_operations",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self._sees(stranger, request))

    def test_somebody_without_access_to_the_company_is_not_asked(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.region_manager.write(
            {"company_ids": [(6, 0, company.ids)], "company_id": company.id}
        )
        request = self._request_of(self._write_off())
        self.assertEqual(request.block, "no_people")

    def test_the_worklist_holds_what_the_user_can_decide_now(self):
        request = self._request_of(self._write_off())
        mine = [("can_decide", "=", True)]
        worklist = self.Request.with_user(self.region_manager)
        self.assertIn(request, worklist.search(mine).sudo())
        form = [request.with_user(user) for user in (self.region_manager, self.manager)]
        self.assertEqual([each.can_decide for each in form], [True, False])
        self.assertEqual([each.can_withdraw for each in form], [False, True])
        self.assertIn("somebody else", form[1].cannot_decide_reason)
        self._approve(request, self.region_manager)
        self.assertNotIn(request, worklist.search(mine).sudo())
        requester = self.Request.with_user(self.manager)
        self.assertNotIn(request, requester.search(mine).sudo())

    def test_auditors_read_everything_and_decide_nothing(self):
        request = self._request_of(self._write_off())
        request.with_user(self.auditor).read(["rule_line", "explanation_html"])
        with self.assertRaises(AccessError):
            request.with_user(self.auditor).action_approve()
