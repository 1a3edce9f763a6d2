import base64
import json
from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common_rpc import SUCCESS, RpcCase

DOORS = ("web", "jsonrpc", "xmlrpc", "json2")


class DoorCase(RpcCase):
    """Every call through every door that Odoo has, as a real user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.integration = new_test_user(cls.env, "test_integration", "base.group_user")
        cls.partner_manager = new_test_user(
            cls.env, "test_partners", "base.group_user,base.group_partner_manager"
        )

    def setUp(self):
        super().setUp()
        self.exception = self._write_off()
        self.request = self._request_of(self.exception)
        self.env.flush_all()

    @mute_logger(
        "odoo.http",
        "odoo.sql_db",
        "odoo.addons.rpc.controllers.jsonrpc",
        "odoo.addons.rpc.controllers.xmlrpc",
    )
    def _through(self, door, user, model, method, ids=None, **named):
        """Return ``(it was let through, the answer)`` of one call.

        :param named: arguments by name, in the order of the method's signature
        """
        call = getattr(self, f"_through_{door}")
        done, answer = call(user, model, method, ids, named)
        self.env.invalidate_all()
        return done, answer

    def _through_web(self, user, model, method, ids, named):
        self._login(user)
        context = named.pop("context", {})
        args = [] if ids is None else [ids]
        answer = self._call(model, method, *args, *named.values(), context=context)
        return "error" not in answer, answer.get("result")

    def _through_jsonrpc(self, user, model, method, ids, named):
        user.sudo().password = "Correct-Horse-42"
        kwargs = {"context": named.pop("context", {})}
        args = [*([] if ids is None else [ids]), *named.values()]
        login = [self.env.cr.dbname, user.id, "Correct-Horse-42"]
        answer = self.url_open(
            "/jsonrpc",
            json={
                "jsonrpc": "2.0",
                "method": "call",
                "params": {
                    "service": "object",
                    "method": "execute_kw",
                    "args": [*login, model, method, args, kwargs],
                },
            },
        ).json()
        return "error" not in answer, answer.get("result")

    def _through_xmlrpc(self, user, model, method, ids, named):
        user.sudo().password = "Correct-Horse-42"
        kwargs = {"context": named.pop("context", {})}
        args = [*([] if ids is None else [ids]), *named.values()]
        login = [self.env.cr.dbname, user.id, "Correct-Horse-42"]
        try:
            answer = self.xmlrpc_object.execute_kw(*login, model, method, args, kwargs)
        except Exception as fault:
            self.assertEqual(type(fault).__name__, "Fault", fault)
            return False, None
        return True, answer

    def _through_json2(self, user, model, method, ids, named):
        body = dict(named) if ids is None else {"ids": ids, **named}
        return self._json2(user, model, method, **body) == 200, None

    def _assert_every_door_refuses(self, user, model, method, ids=None, **named):
        for door in DOORS:
            with self.subTest(door, user=user.login, model=model, method=method):
                done, _answer = self._through(
                    door, user, model, method, ids, **dict(named)
                )
                self.assertFalse(done, SUCCESS)

    def _assert_still_pending(self):
        self.assertEqual(self.request.state, "pending")
        self.assertFalse(self.request.decision_ids)
        self.assertEqual(self.exception.state, "waiting")


@tagged("post_install", "-at_install")
class TestEveryDoor(DoorCase):
    def test_a_request_is_neither_born_nor_written_nor_deleted(self):
        born = {"kind_id": self.kind.id, "state": "approved", "res_model": "x"}
        model, ids = self.request._name, self.request.ids
        for user in (self.manager, self.admin):
            self._assert_every_door_refuses(user, model, "create", vals_list=[born])
            change = {"state": "approved"}
            self._assert_every_door_refuses(user, model, "write", ids, vals=change)
            self._assert_every_door_refuses(user, model, "unlink", ids)
        self._assert_still_pending()

    def test_a_decision_is_written_by_nobody(self):
        forged = {
            "request_id": self.request.id,
            "step_id": self.request.step_ids[0].id,
            "user_id": self.region_manager.id,
            "verdict": "approved",
        }
        for user in (self.manager, self.region_manager):
            self._assert_every_door_refuses(
                user, "retail.approval.decision", "create", vals_list=[forged]
            )
        self._assert_still_pending()

    def test_a_published_policy_is_written_by_nobody(self):
        rule = self.policy.rule_ids[0]
        for part, change in (
            (self.policy, {"state": "draft"}),
            (rule, {"amount_min": 1e9}),
            (rule.step_ids[0], {"approver": "store_manager"}),
        ):
            self._assert_every_door_refuses(
                self.admin, part._name, "write", part.ids, vals=change
            )
        self.assertEqual(self.policy.state, "published")
        self.assertEqual(rule.amount_min, 50)

    def test_the_case_is_not_resolved_by_its_state(self):
        for user in (self.manager, self.admin):
            for change in ({"state": "resolved"}, {"state": "closed"}):
                self._assert_every_door_refuses(
                    user, "retail.exception", "write", self.exception.ids, vals=change
                )
        self._assert_still_pending()

    def test_no_context_key_opens_a_door(self):
        context = {
            "su": True,
            "uid": self.region_manager.id,
            "sudo": True,
            "approved": True,
            "force_approve": True,
            "default_state": "approved",
            "install_mode": True,
            "import_file": True,
            "tracking_disable": True,
            "skip_validation_check": True,
        }
        self._assert_every_door_refuses(
            self.manager,
            self.request._name,
            "action_approve",
            self.request.ids,
            context=context,
        )
        self._assert_every_door_refuses(
            self.manager,
            "retail.exception",
            "write",
            self.exception.ids,
            vals={"state": "resolved"},
            context=context,
        )
        self._assert_still_pending()

    def test_child_records_of_the_document_are_no_door(self):
        born = [[0, 0, {"kind_id": self.kind.id, "state": "approved"}]]
        for commands in (
            born,
            [[1, self.request.id, {"state": "approved"}]],
            [[2, self.request.id]],
            [[5]],
        ):
            self._through(
                "web",
                self.manager,
                "retail.exception",
                "write",
                self.exception.ids,
                vals={"approval_request_ids": commands},
            )
        self.assertTrue(self.request.exists())
        self.assertEqual(self.exception.approval_request_ids, self.request)
        self._assert_still_pending()

    def test_an_integration_users_key_decides_requests_and_reads_nothing(self):
        """Whoever a machine is, it is not one of those who decide."""
        ids, model = self.request.ids, self.request._name
        for method in (
            "read",
            "action_approve",
            "action_withdraw",
            "action_confirm_break",
            "action_try_again",
        ):
            self._assert_every_door_refuses(self.integration, model, method, ids)
        self._assert_every_door_refuses(
            self.integration, model, "action_break_glass", ids, reason="Now"
        )
        for other in ("retail.request", "retail.approval.policy"):
            self._assert_every_door_refuses(
                self.integration, other, "create", vals_list=[{"name": "Mine"}]
            )
        self._assert_still_pending()

    def test_a_private_method_is_no_door(self):
        for method in ("_decide", "_grant", "_release", "_act", "_spend_approval"):
            for model, ids in (
                (self.request._name, self.request.ids),
                ("retail.exception", self.exception.ids),
            ):
                self._assert_every_door_refuses(self.manager, model, method, ids)
        self._assert_still_pending()

    def test_an_expired_delegation_opens_no_door(self):
        delegate = new_test_user(self.env, "test_stand_in", "base.group_user")
        delegation = (
            self.env["retail.approval.delegation"]
            .with_user(self.region_manager)
            .create(
                {
                    "user_id": self.region_manager.id,
                    "delegate_id": delegate.id,
                    "date_from": fields.Datetime.now() - timedelta(days=2),
                    "date_to": fields.Datetime.now() + timedelta(hours=1),
                    "reason": "Leave",
                }
            )
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retail_approval_delegation SET date_to = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(minutes=1), delegation.id],
        )
        self._assert_every_door_refuses(
            delegate, self.request._name, "action_approve", self.request.ids
        )
        self._assert_still_pending()

    def test_a_revoked_delegation_opens_no_door(self):
        delegate = new_test_user(self.env, "test_stand_in", "base.group_user")
        delegations = self.env["retail.approval.delegation"]
        delegation = delegations.with_user(self.region_manager).create(
            {
                "user_id": self.region_manager.id,
                "delegate_id": delegate.id,
                "date_from": fields.Datetime.now() - timedelta(days=2),
                "date_to": fields.Datetime.now() + timedelta(days=2),
                "reason": "Leave",
            }
        )
        delegation.with_user(self.region_manager).action_revoke()
        self.env.flush_all()
        self._assert_every_door_refuses(
            delegate, self.request._name, "action_approve", self.request.ids
        )
        self._assert_still_pending()


@tagged("post_install", "-at_install")
class TestImport(DoorCase):
    def _import(self, user, model, columns, *rows):
        """Import a file as the web client does; return the answer."""
        self._login(user)
        lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
        wizard = self._call(
            "base_import.import",
            "create",
            [{"res_model": model, "file_type": "text/csv"}],
        )["result"]
        record = self.env["base_import.import"].browse(wizard)
        record.sudo().file = "\n".join(lines).encode()
        self.env.flush_all()
        options = {"has_headers": True, "quoting": '"', "separator": ","}
        return self._call(
            "base_import.import", "execute_import", wizard, columns, columns, options
        )

    def _assert_imports_nothing(self, user, model, columns, *rows):
        self.env.flush_all()
        before = self.env[model].sudo().search_count([("id", ">", 0)])
        answer = self._import(user, model, columns, *rows)
        after = self.env[model].sudo().search_count([("id", ">", 0)])
        messages = answer.get("result", {}).get("messages")
        self.assertTrue("error" in answer or messages, SUCCESS)
        self.assertEqual(after, before)

    def test_nothing_of_a_decision_is_imported(self):
        for user in (self.manager, self.admin):
            self._assert_imports_nothing(
                user,
                "retail.approval.request",
                ["id", "state"],
                ["new_one", "approved"],
            )
            self._assert_imports_nothing(
                user,
                "retail.approval.decision",
                ["request_id/.id", "step_id/.id", "user_id/.id", "verdict"],
                [
                    self.request.id,
                    self.request.step_ids[0].id,
                    self.region_manager.id,
                    "approved",
                ],
            )
        self._assert_still_pending()

    def test_a_store_request_is_not_imported_approved(self):
        columns = ["kind_id/.id", "store_id/.id", "summary", "reason", "state"]
        kind = self.env.ref("retail_ops_approvals.kind_staffing_override")
        row = [kind.id, self.store.id, "Hands", "Busy"]
        self._assert_imports_nothing(
            self.manager, "retail.request", columns, [*row, "approved"]
        )
        answer = self._import(self.manager, "retail.request", columns[:-1], row)
        [imported] = self.env["retail.request"].browse(answer["result"]["ids"])
        self.assertEqual(imported.sudo().state, "draft")

    def test_a_policy_is_not_imported_published(self):
        self._assert_imports_nothing(
            self.admin,
            "retail.approval.policy",
            ["name", "code", "state"],
            ["Mine", "mine", "published"],
        )

    def test_the_case_is_not_imported_resolved(self):
        self._assert_imports_nothing(
            self.manager, "retail.exception", ["id", "state"], ["x", "resolved"]
        )

    def test_a_published_row_is_not_changed_by_an_import(self):
        rule = self.policy.rule_ids[0]
        answer = self._import(
            self.admin, rule._name, [".id", "amount_min"], [rule.id, 1000000]
        )
        self.assertTrue("error" in answer or answer["result"]["messages"], SUCCESS)
        self.assertEqual(rule.amount_min, 50)


@tagged("post_install", "-at_install")
class TestAfterTheApproval(DoorCase):
    """What was approved is changed afterwards, over RPC, by who asked for it."""

    def setUp(self):
        super().setUp()
        kind = self.env.ref("retail_ops_approvals.kind_staffing_override")
        self._publish_policy([{"kind_id": kind.id, "steps": ["region"]}])
        self.vendor = self.env["res.partner"].create({"name": "Vendor"})
        self.asked = (
            self.env["retail.request"]
            .with_user(self.manager)
            .create(
                {
                    "kind_id": kind.id,
                    "store_id": self.store.id,
                    "summary": "Two hands",
                    "reason": "Inventory night",
                    "amount": 120,
                    "partner_id": self.vendor.id,
                    "evidence_ids": [
                        (0, 0, {"name": "quote.pdf", "raw": b"Quote"}),
                    ],
                }
            )
            .sudo()
        )
        self.asked.with_user(self.manager).action_submit()
        self.request = self._request_of(self.asked)
        self._approve(self.request, self.region_manager)
        self.assertEqual(self.request.state, "approved")
        self.env.flush_all()

    def _assert_voided(self):
        self.assertEqual(self.request.state, "lapsed")
        self.assertEqual(self.asked.state, "draft")

    def test_amount_currency_partner_and_company_void_it(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        other = self.env["res.partner"].create({"name": "Other"})
        self.env.flush_all()
        for change in (
            {"amount": 1000000},
            {"currency_id": euro.id},
            {"partner_id": other.id},
            {"store_id": self.other_store.id},
        ):
            with self.subTest(change), self.env.cr.savepoint() as undone:
                self._through(
                    "jsonrpc",
                    self.manager,
                    "retail.request",
                    "write",
                    self.asked.ids,
                    vals=change,
                )
                self._assert_voided()
                undone.rollback()
                self.env.invalidate_all()

    def test_evidence_swapped_over_rpc_voids_it(self):
        done, _answer = self._through(
            "xmlrpc",
            self.manager,
            "ir.attachment",
            "write",
            self.asked.evidence_ids.ids,
            vals={"datas": base64.b64encode(b"Another quote").decode()},
        )
        self.assertTrue(done)
        self._assert_voided()

    def test_evidence_deleted_over_rpc_voids_it(self):
        self._through(
            "web",
            self.manager,
            "ir.attachment",
            "unlink",
            self.asked.evidence_ids.ids,
        )
        self._assert_voided()

    def test_a_vendor_merged_into_another_by_a_partner_manager_stops_it(self):
        other = self.env["res.partner"].create({"name": "Other"})
        self.env.flush_all()
        model = "base.partner.merge.automatic.wizard"
        self._login(self.partner_manager)
        wizard = self._call(
            model,
            "create",
            [
                {
                    "partner_ids": [[6, 0, [self.vendor.id, other.id]]],
                    "dst_partner_id": other.id,
                }
            ],
        )["result"]
        self._call(model, "action_merge", wizard)
        self.assertEqual(self.asked.partner_id, other)
        self.assertFalse(self.request._fits(self.asked))
        self.env.ref("retail_ops_approvals.cron_act").method_direct_trigger()
        self.assertEqual(self.request.act_state, "failed")
        self.assertNotEqual(self.asked.state, "done")

    def test_a_duplicate_carries_no_approval(self):
        _done, copy = self._through(
            "web", self.manager, "retail.request", "copy", self.asked.ids
        )
        copied = self.env["retail.request"].browse(copy).sudo()
        self.assertEqual(copied.state, "draft")
        self.assertFalse(copied.granted_amount)
        self.assertFalse(copied.approval_request_ids)

    def test_it_is_not_deleted_and_its_state_not_set_back(self):
        ids = self.asked.ids
        for user in (self.manager, self.admin):
            self._assert_every_door_refuses(user, "retail.request", "unlink", ids)
            for change in (
                {"state": "done"},
                {"granted_amount": 1e6},
                {"done_at": "2026-01-01 00:00:00"},
                {"editor_ids": [[5]]},
            ):
                self._assert_every_door_refuses(
                    user, "retail.request", "write", ids, vals=change
                )
        self.assertEqual(self.asked.state, "approved")


@tagged("post_install", "-at_install")
class TestPublishedBetween(DoorCase):
    def test_a_policy_published_meanwhile_changes_no_request_under_way(self):
        steps = self.request.step_ids.mapped("name")
        self._publish_policy([{"outcome": "none"}])
        self.env.flush_all()
        self.assertEqual(self.request.policy_version, self.policy.version)
        self.assertEqual(self.request.step_ids.mapped("name"), steps)
        done, _answer = self._through(
            "json2",
            self.region_manager,
            self.request._name,
            "action_approve",
            self.request.ids,
        )
        self.assertTrue(done)
        self.assertEqual(self.request.state, "pending")
        done, _answer = self._through(
            "jsonrpc",
            self.loss_prevention,
            self.request._name,
            "action_approve",
            self.request.ids,
        )
        self.assertTrue(done)
        self.assertEqual(self.request.state, "approved")

    def test_an_author_does_not_publish_through_any_door(self):
        draft = self._draft_policy([{"outcome": "none"}])
        self.env.flush_all()
        self._assert_every_door_refuses(
            self.admin, draft._name, "action_publish", draft.ids
        )
        self._assert_every_door_refuses(
            self.admin,
            draft._name,
            "write",
            draft.ids,
            vals={"author_ids": [[5]]},
        )
        self.assertEqual(draft.sudo().state, "draft")

    def test_json_of_the_ledger_stands(self):
        entry = self.env["retail.audit.entry"].search(
            [("model", "=", self.request._name), ("res_id", "=", self.request.id)],
            limit=1,
        )
        for method, named in (
            ("write", {"vals": {"facts": json.dumps({})}}),
            ("unlink", {}),
        ):
            self._assert_every_door_refuses(
                self.admin, entry._name, method, entry.ids, **named
            )
