from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ApprovalCase

EXAMPLES, STEPS = 7, 16  # of each beginning: under a minute on two quiet cores
PEOPLE = (
    "manager",
    "member",
    "region_manager",
    "country_manager",
    "loss_prevention",
    "operations",
    "finance",
    "admin",
)
STRICT = [
    {"amount_min": 50, "steps": ["climb", "loss"]},
    {"amount_max": 50, "outcome": "none"},
]
LOOSE = [{"outcome": "none"}]
HOLDERS = ("operations", "finance", "manager")  # of the role Break glass
BEGINNINGS = ("open", "decided", "delegated", "released", "loosened")
person = st.sampled_from(PEOPLE)


class ApprovalMachine(RuleBasedStateMachine):
    """Everybody tries everything, in any order, on one case.

    ``case`` is the Odoo test whose database is used; each run is rolled back.
    """

    case = None
    begins = "open"
    reached = set()  # how requests came to be approved, over all runs

    def __init__(self):
        super().__init__()
        self.resolutions = 0
        self.was_resolved = False
        self.cr = self.case.env.cr
        self.start = self.cr.savepoint(flush=True)
        self.case.env.invalidate_all()
        self.exception = self.case._write_off()

    def teardown(self):
        self.start.rollback()
        self.start.close(rollback=False)
        self.case.env.invalidate_all()
        self.case.env.registry.clear_cache()

    @initialize()
    def the_day_begins(self):
        """Go one of the ways that end in an approval, or begin with an open request."""
        if self.begins == "delegated":
            self.delegate("region_manager", "country_manager", False)
        if self.begins in ("delegated", "decided"):
            self.everybody_approves(reversed(PEOPLE))
        if self.begins == "released":
            self.release("operations", "finance")
        if self.begins == "loosened":
            self.publish(False, "publisher")
            self.change("manager", 3)

    # === WHAT PEOPLE TRY === #

    @property
    def request(self):
        return self.case._request_of(self.exception)

    def _try(self, name, act):
        """Let somebody try; a refusal leaves nothing behind."""
        user = getattr(self.case, name)
        try:
            with self.cr.savepoint():
                act(user)
        except UserError:
            self.case.env.invalidate_all()

    @rule(name=person)
    def ask(self, name):
        self._try(
            name, lambda user: self.exception.with_user(user).action_request_approval()
        )

    @rule(names=st.permutations(PEOPLE))
    def everybody_approves(self, names):
        for name in names:
            self.approve(name)

    @rule(name=person)
    def approve(self, name):
        request, hands = self.request, set(self.request._excluded())
        count = len(request.decision_ids)
        self._try(name, lambda user: request.with_user(user).action_approve())
        if len(request.decision_ids) > count:
            decision = request.decision_ids.sorted("id")[-1]
            voice = decision.on_behalf_of_id or decision.user_id
            assert decision.user_id.id not in hands
            assert voice.id not in hands
            assert decision.step_id._still_holds_role(voice)

    @rule(name=person)
    def reject(self, name):
        self._try(name, lambda user: self.request.with_user(user).action_reject("No"))

    @rule(
        name=st.sampled_from(("region_manager", "loss_prevention", "manager")),
        other=person,
        is_over=st.booleans(),
    )
    def delegate(self, name, other, is_over):
        now = fields.Datetime.now()
        values = {
            "user_id": getattr(self.case, name).id,
            "delegate_id": getattr(self.case, other).id,
            "date_from": now - timedelta(days=2),
            "date_to": now + timedelta(days=-1 if is_over else 1),
            "reason": "Leave",
        }
        delegations = self.case.env["retail.approval.delegation"]
        if name != other:
            self._try(name, lambda user: delegations.with_user(user).create(values))

    @rule(name=person)
    def revoke(self, name):
        mine = self.case.env["retail.approval.delegation"].search([])
        self._try(name, lambda user: mine.with_user(user).action_revoke())

    @rule()
    def escalate(self):
        self.request._steps_in("open")._escalate()

    @rule(name=person, other=person)
    def reassign(self, name, other):
        target = getattr(self.case, other)
        self._try(
            name,
            lambda user: self.request.with_user(user).action_reassign(target.id, "You"),
        )

    @rule(name=person)
    def ask_for_information(self, name):
        self._try(name, lambda user: self.request.with_user(user).action_ask("Why?"))

    @rule(name=person)
    def answer(self, name):
        self._try(name, lambda user: self.request.with_user(user).action_answer("So"))

    @rule(name=person, counted=st.integers(0, 7))
    def change(self, name, counted):
        self._try(
            name,
            lambda user: self.exception.with_user(user).write(
                {"counted_quantity": counted}
            ),
        )

    @rule(name=person)
    def withdraw(self, name):
        self._try(name, lambda user: self.request.with_user(user).action_withdraw())

    @rule(name=person)
    def take_over_the_case(self, name):
        if self.exception.is_open:
            self.exception._assign(getattr(self.case, name))

    @rule(name=person)
    def break_glass(self, name):
        self._try(
            name, lambda user: self.request.with_user(user).action_break_glass("Now")
        )

    @rule(name=st.sampled_from((*HOLDERS, "region_manager")))
    def confirm_break(self, name):
        self._try(
            name, lambda user: self.request.with_user(user).action_confirm_break()
        )

    @rule(first=st.sampled_from(HOLDERS), second=st.sampled_from(HOLDERS))
    def release(self, first, second):
        self.break_glass(first)
        self.confirm_break(second)

    @rule(is_strict=st.booleans(), name=st.sampled_from(("admin", "publisher")))
    def publish(self, is_strict, name):
        """Write a version as one person; let the same or another publish it."""
        rows = STRICT if is_strict else LOOSE
        draft = self.case._draft_policy(rows)
        self._try(name, lambda user: draft.with_user(user).action_publish())
        if draft.sudo().state == "published":
            self.reached.add("published")
            assert name != "admin"

    @rule(holds=st.booleans())
    def change_who_holds_the_role(self, holds):
        group = self.case.env.ref("retail_ops_core.group_loss_prevention")
        command = Command.link if holds else Command.unlink
        self.case.loss_prevention.group_ids = [command(group.id)]

    @rule(name=st.sampled_from(("member", "loss_prevention", "country_manager")))
    def bring_evidence(self, name):
        about = {"res_model": self.exception._name, "res_id": self.exception.id}
        files = self.case.env["ir.attachment"].sudo()
        user = getattr(self.case, name)
        files.with_user(user).sudo().create({"name": "a", "raw": b"a", **about})

    @rule(name=person)
    def take_evidence_away(self, name):
        evidence = self.exception._approval_evidence()[-1:]
        self._try(name, lambda user: evidence.with_user(user).unlink())

    @rule()
    def lapse(self):
        approved = self.exception.approval_request_ids.filtered(
            lambda each: each.state == "approved" and not each.spent_at
        )
        approved._end("lapsed", "Nobody used it")

    @rule(name=person)
    def try_again(self, name):
        self._try(name, lambda user: self.request.with_user(user).action_try_again())

    @rule(name=person)
    def resolve(self, name):
        def resolve(user):
            self.exception.with_user(user).check_access("write")
            self.exception._set_resolved("Written off")

        self._try(name, resolve)

    @rule()
    def reopen(self):
        if self.exception.state == "resolved":
            self.exception._set_reopened("Counted wrong")

    # === WHAT NEVER HAPPENS === #

    @invariant()
    def nothing_is_approved_without_the_distinct_people(self):
        for request in self.exception.approval_request_ids:
            if request.state == "approved" and request.is_override:
                self.reached.add("released")
                self._check_release(request)
            elif request.state == "approved" and request.is_automatic:
                self.reached.add("needed nobody")
                assert request.rule_id.outcome == "none"
                assert not request.decision_ids
            elif request.state == "approved":
                self.reached.add("decided")
                self._check_decisions(request)

    def _check_decisions(self, request):
        decisions = request.decision_ids
        steps = request.step_ids
        assert steps.step_id == request.rule_id._asked_steps()
        assert all(len(step.decision_ids) == step.needed_count for step in steps)
        voices = [each.on_behalf_of_id or each.user_id for each in decisions]
        everybody = decisions.user_id | decisions.on_behalf_of_id
        assert set(decisions.mapped("verdict")) == {"approved"}
        assert len(decisions) == sum(request.step_ids.mapped("needed_count"))
        assert len({voice.id for voice in voices}) == len(decisions)
        assert len(decisions.user_id) == len(decisions)
        assert request.requester_id not in everybody
        assert self.exception.create_uid not in everybody
        for decision, voice in zip(decisions, voices, strict=True):
            assert voice in decision.step_id.approver_ids
            self._check_delegation(decision)

    def _check_delegation(self, decision):
        delegation = decision.delegation_id
        if not delegation:
            return
        self.reached.add("on behalf of")
        assert delegation.user_id == decision.on_behalf_of_id
        assert delegation.delegate_id == decision.user_id
        assert delegation.date_from <= decision.decided_at < delegation.date_to
        revoked = delegation.revoked_at
        assert not revoked or decision.decided_at <= revoked

    def _check_release(self, request):
        [release] = request.override_ids.filtered("confirmed_at")
        two = release.user_id | release.second_user_id
        assert len(two) == 2
        assert not two & (request.requester_id | self.exception.create_uid)

    @invariant()
    def an_approval_serves_once(self):
        is_resolved = self.exception.state == "resolved"
        self.resolutions += is_resolved and not self.was_resolved
        self.was_resolved = is_resolved
        spent = self.exception.approval_request_ids.filtered("spent_at")
        assert len(spent) == self.resolutions

    @invariant()
    def nobody_publishes_what_he_wrote(self):
        policies = self.case.Policy.search([("code", "=", self.case.policy.code)])
        assert not any(each.publisher_id in each.author_ids for each in policies)

    @invariant()
    def nothing_is_resolved_without_an_approval(self):
        if self.exception.state == "resolved":
            approved = self.exception.approval_request_ids.filtered(
                lambda each: each.state == "approved" and each._fits(self.exception)
            )
            assert approved


def bounded():
    """Return settings that are the same in every run and end."""
    return settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@tagged("post_install", "-at_install")
class TestStateMachine(ApprovalCase):
    def test_no_way_leads_to_approved_without_the_required_distinct_people(self):
        group = self.env.ref("retail_ops_approvals.group_break_glass")
        for user in (getattr(self, name) for name in HOLDERS):
            user.group_ids = [Command.link(group.id)]
        self._publish_policy(STRICT)
        ApprovalMachine.case = self
        for begins in BEGINNINGS:
            ApprovalMachine.begins = begins
            run_state_machine_as_test(ApprovalMachine, settings=bounded())
        self.assertEqual(
            ApprovalMachine.reached,
            {
                "decided",
                "on behalf of",
                "released",
                "needed nobody",
                "published",
            },
        )
