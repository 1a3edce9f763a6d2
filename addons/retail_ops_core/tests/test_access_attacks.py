import inspect
from datetime import date, timedelta

from freezegun import freeze_time

from odoo.models import BaseModel
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.mail.models.mail_thread import MailThread

from .access_verdicts import (
    CALLED_ON_MODEL,
    METHODS,
    MODELS,
    OUTSIDE,
    ROLES,
)
from .rpc_common import RpcCase
from .test_checklist_access import ChecklistAccessCase
from .test_store_report import StoreReportCase

ADDON = "retail_ops_core"
ATTACKS = {
    "read": lambda ids: ("search_read", [[], ["id"]]),
    "write": lambda ids: ("write", [ids, {}]),
    "create": lambda ids: ("create", [[{}]]),
    "unlink": lambda ids: ("unlink", [ids]),
}
# Fields that tie a row to the store it speaks of.
TIES = {"store_id", "exception_id", "report_id", "checklist_id"}


class AccessAttackCase(ChecklistAccessCase, StoreReportCase):
    """One record of each model, of the store near by, and people who should fail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(cls.env, "test_portal", "base.group_portal")
        cls.specialist = new_test_user(
            cls.env, "test_specialist", "retail_ops_core.group_specialist"
        )
        cls.queue.member_ids = cls.specialist
        cls.far_region_manager = new_test_user(
            cls.env, "test_far_region", "retail_ops_core.group_regional_manager"
        )
        cls.far_region.manager_id = cls.far_region_manager
        elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.foreign_operations = new_test_user(
            cls.env,
            "test_foreign",
            "retail_ops_core.group_operations",
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        cls.exception = cls._take_in()
        cls.samples = cls._build_samples()
        cls.env.flush_all()

    @classmethod
    def _build_samples(cls):
        """Return dict model -> one record of it that belongs to the store near by."""
        cls.exception._escalate()
        checklist = cls.near
        report = cls._open_report()
        cls.env["retail.audit.seal"]._seal_batch()
        cls.env["retail.queue.ageing"]._cron_count()
        cls.env["retail.data.check"]._cron_check()
        samples = [
            cls.exception,
            cls.exception.escalation_ids,
            cls._reach_milestone(),
            cls._begin_storm(),
            cls._offend(),
            cls.env["retail.data.finding"].search(
                [("store_id", "=", cls.store.id)], limit=1
            ),
            cls.store,
            cls.campaign,
            checklist,
            checklist.item_ids[0],
            report,
            report.tender_ids[0],
            report.check_ids[0],
        ]
        samples += cls._clocks()
        samples += cls._kpis()
        samples += cls._rules()
        samples += cls._rollout()
        samples += cls._outlier()
        samples += cls._wizards(checklist.item_ids[0], report)
        return {sample._name: sample for sample in samples}

    @classmethod
    def _open_report(cls):
        with freeze_time("2026-03-03 17:00:00"):
            report = cls._draft(day=date(2026, 3, 3))
            cls._fill(report.with_user(cls.manager))
            report.with_user(cls.manager).action_submit()
        return report

    @classmethod
    def _reach_milestone(cls):
        kind = cls.env.ref("retail_ops_core.type_return_case")
        case = cls._take_in(type_id=kind.id)
        case._set_milestone("Fine")
        return case.milestone_ids

    @classmethod
    def _clocks(cls):
        """Return a pause, a day's SLA audit and a case of another system."""
        with freeze_time("2026-03-02 16:00:00"):
            case = cls._take_in()
            case._set_waiting("supplier")
        with freeze_time("2026-03-02 17:00:00"):
            case._set_in_progress()
        audit = cls.env["retail.sla.audit"]._audit(cls.company, date(2026, 3, 2))
        imported = cls.env["retail.exception.import"].create(
            {
                "reference": "OLD-1",
                "type_id": cls.discrepancy.id,
                "store_id": cls.store.id,
                "summary": "x",
                "state": "triaged",
                "opened_at": "2026-03-02 16:00:00",
                "comment_ids": [
                    (0, 0, {"date": "2026-03-02", "author": "Ann", "text": "x"})
                ],
            }
        )
        near = audit.line_ids.filtered(lambda line: line.store_id == cls.store)
        return [case.pause_ids, audit, near[:1], imported, imported.comment_ids]

    @classmethod
    def _kpis(cls):
        """Return figures, a baseline with a line, and a letter, of _clocks' day."""
        day = date(2026, 3, 2)
        kpi = cls.env.ref("retail_ops_core.kpi_recurrence")
        kpi._snapshot(day, day)
        baseline = cls.env["retail.kpi.baseline"].create(
            {"name": "x", "date_from": day, "date_to": day}
        )
        baseline.with_user(cls.admin).action_lock()
        of_store = [("store_id", "=", cls.store.id)]
        figure = kpi.snapshot_ids.filtered_domain(of_store)[:1]
        line = baseline.line_ids.filtered_domain(of_store)[:1]
        letters = cls.env["retail.letter"]
        letter = letters._write_to(cls.store, day, day + timedelta(days=6))
        hour = cls.env["retail.kpi.hour"].create(
            {
                "kpi_id": kpi.id,
                "company_id": figure.company_id.id,
                "store_id": cls.store.id,
                "day": day,
                "begin_at": "2026-03-02 16:00:00",
                "hour": 8,
                "numerator": 0,
                "denominator": 1,
                "record_count": 1,
                "factor": 100,
                "computed_at": "2026-03-02 17:00:00",
                "revision": 1,
            }
        )
        return [figure, hour, baseline, line, letter, letter.line_ids[:1]]

    @classmethod
    def _rules(cls):
        """Return what a step asks, and a team member's profile with a skill."""
        requirement = cls.env["retail.exception.requirement"].create(
            {
                "type_id": cls.env.ref("retail_ops_core.type_return_case").id,
                "step": "reopen",
                "evidence_count": 1,
            }
        )
        profile = cls.env["retail.queue.profile"].create(
            {
                "queue_id": cls.queue.id,
                "user_id": cls.specialist.id,
                "skill_ids": [(0, 0, {"name": "Refrigeration"})],
            }
        )
        return [requirement, profile, profile.skill_ids]

    @classmethod
    def _outlier(cls):
        """Return a budget, a week's look, a flag and its dismissal."""
        plan = cls.env["retail.outlier.plan"]._of(cls.company)
        run = cls.env["retail.outlier.run"].create(
            {"company_id": cls.company.id, "week_start": "2026-03-02"}
        )
        flag = run.flag_ids.create(
            {
                "run_id": run.id,
                "store_id": cls.store.id,
                "type_id": cls.discrepancy.id,
                "measure": "number",
            }
        )
        dismiss = cls.env["retail.outlier.dismiss"].with_user(cls.operations)
        return [plan, run, flag, dismiss.create({"flag_ids": flag.ids, "reason": "x"})]

    @classmethod
    def _rollout(cls):
        """Return a wave in shadow, what was noted in it, a gate and a step."""
        wave = cls.env["retail.rollout.wave"].create(
            {
                "name": "x",
                "state": "shadow",
                "workflow_ids": cls.discrepancy.workflow_id.ids,
                "store_ids": cls.store.ids,
            }
        )
        cls.exception._note_classification(cls.discrepancy.workflow_id)
        gate = wave.gate_ids.create(
            {"wave_id": wave.id, "code": "quality", "name": "x", "verdict": "fail"}
        )
        step = cls.env["retail.rollout.step"].with_user(cls.admin)
        values = {"step": "promote", "wave_id": wave.id, "reason": "x"}
        return [wave, wave.shadow_ids, gate, step.create(values)]

    @classmethod
    def _offend(cls):
        cls.discrepancy.repeat_limit = 1
        offenders = cls.env["retail.repeat.offender"].search(
            [("store_id", "=", cls.store.id)]
        )
        return offenders.filtered(lambda one: one.type_id == cls.discrepancy)

    @classmethod
    def _begin_storm(cls):
        nothing = cls.env["product.product"]
        key = (cls.discrepancy, cls.company, cls.store, nothing)
        storm = cls.env["retail.storm"]._current(key, cls.exception)
        cls.exception.storm_id = storm
        return storm

    @classmethod
    def _wizards(cls, item, report):
        """Return wizards as a store manager and an administrator opened them."""
        Answer = cls.env["retail.checklist.answer"].with_user(cls.manager)
        Step = cls.env["retail.exception.step"].with_user(cls.manager)
        ReportStep = cls.env["retail.store.report.step"].with_user(cls.manager)
        bench = cls.env["retail.classifier.bench"].with_user(cls.admin).create({})
        line = bench.line_ids.create(
            {"bench_id": bench.id, "exception_id": cls.exception.id}
        )
        return [
            Answer.create({"item_id": item.id, "answer": "done"}),
            Step.create({"step": "cancel", "exception_ids": cls.exception.ids}),
            ReportStep.create(
                {"step": "correct", "report_id": report.id, "reason": "x"}
            ),
            bench,
            line,
            cls.env["retail.store.go.live"]
            .with_user(cls.admin)
            .create({"store_id": cls.store.id}),
            cls.env["retail.exception.type.new"]
            .with_user(cls.admin)
            .create({"template_id": cls.discrepancy.id, "name": "x"}),
            cls.env["retail.sample.removal"].with_user(cls.admin).create({}),
        ]

    def _callable_models(self):
        """Return the models that this addon defines; RPC calls abstract ones too."""
        return {
            name
            for name, model in self.env.registry.items()
            if model._original_module == ADDON
        }

    def _models(self):
        """Return those with records."""
        return {
            name
            for name in self._callable_models()
            if not self.env.registry[name]._abstract
        }

    def _sample(self, model):
        if self.env[model]._abstract:
            return self.env[model]
        return self.samples.get(model) or self.env[model].sudo().search([], limit=1)

    def _public_methods(self, model):
        """Return the names RPC can call that this addon adds to the model."""
        return {
            name
            for name, function in inspect.getmembers(
                self.env.registry[model], inspect.isfunction
            )
            if not name.startswith("_")
            and function.__module__.startswith(f"odoo.addons.{ADDON}.")
            and not hasattr(BaseModel, name)
            and not hasattr(MailThread, name)
            and not getattr(function, "_api_private", False)
        }

    def _belongs_to_a_store(self, model):
        Model = self.env[model]
        tied = model == "retail.store" or TIES & Model._fields.keys()
        return tied and not Model._transient

    def _arguments(self, method, sample):
        return CALLED_ON_MODEL.get(method, [[sample.ids]])[0]


class TestVerdicts(AccessAttackCase):
    def test_every_model_has_a_verdict(self):
        """A new model needs its line in access_verdicts.py."""
        self.assertEqual(self._models(), MODELS.keys())

    def test_every_public_method_has_a_verdict(self):
        """A new public method needs its line in access_verdicts.py."""
        for model in self._callable_models():
            with self.subTest(model):
                self.assertEqual(
                    self._public_methods(model), METHODS.get(model, {}).keys()
                )

    def test_every_model_has_a_record_to_attack(self):
        """A new model without data needs a sample in AccessAttackCase."""
        for model in self._models():
            with self.subTest(model):
                self.assertTrue(self._sample(model))

    def test_each_role_may_what_its_verdict_says_and_nothing_else(self):
        for model, operations in MODELS.items():
            for operation, roles in operations.items():
                allowed = {
                    role
                    for role in ROLES
                    if self.env[model]
                    .with_user(getattr(self, role))
                    .has_access(operation)
                }
                with self.subTest(model=model, operation=operation):
                    self.assertEqual(allowed, roles)

    def test_the_auditor_changes_nothing_anywhere(self):
        for model, operations in MODELS.items():
            changers = operations["write"] | operations["create"] | operations["unlink"]
            with self.subTest(model):
                self.assertFalse(changers & ({"auditor"} | OUTSIDE))


class TestAttacks(AccessAttackCase, RpcCase):
    def _attack(self, user, model, method, arguments):
        """Fail unless the call is refused for want of access."""
        with self.subTest(user=user.login, model=model, method=method):
            with mute_logger("odoo.http"):
                answer = self._call(model, method, *arguments)
            self.assertTrue(self._is_refused(answer), str(answer)[:300])

    def _refused_operations(self, role):
        for model, operations in MODELS.items():
            for operation, roles in operations.items():
                if role not in roles:
                    yield model, ATTACKS[operation](self._sample(model).ids)

    def test_each_role_is_refused_what_its_verdict_does_not_name(self):
        for role in sorted(ROLES):
            user = getattr(self, role)
            self.authenticate(user.login, user.login)
            for model, (method, arguments) in self._refused_operations(role):
                self._attack(user, model, method, arguments)

    def test_each_role_is_refused_the_actions_of_others(self):
        for role in sorted(ROLES):
            user = getattr(self, role)
            self.authenticate(user.login, user.login)
            for model, methods in METHODS.items():
                for method, roles in methods.items():
                    if role not in roles:
                        arguments = self._arguments(method, self._sample(model))
                        self._attack(user, model, method, arguments)

    def test_people_of_other_stores_regions_and_companies_reach_no_row(self):
        intruders = self.far_manager, self.far_region_manager, self.foreign_operations
        for user in intruders:
            self.authenticate(user.login, user.login)
            for model in filter(self._belongs_to_a_store, sorted(self._models())):
                ids = self._sample(model).ids
                self._attack(user, model, "read", [ids, ["id"]])
                self._attack(user, model, "write", [ids, {}])
                self._attack(user, model, "unlink", [ids])

    def test_people_of_other_stores_regions_and_companies_take_no_action(self):
        intruders = self.far_manager, self.far_region_manager, self.foreign_operations
        for user in intruders:
            self.authenticate(user.login, user.login)
            for model in filter(self._belongs_to_a_store, METHODS):
                for method, roles in METHODS[model].items():
                    if roles != ROLES and method not in CALLED_ON_MODEL:
                        self._attack(user, model, method, [self._sample(model).ids])

    def test_a_wizard_of_ones_own_is_no_way_round(self):
        for user in (self.far_manager, self.far_region_manager):
            self.authenticate(user.login, user.login)
            for step in ("cancel", "resolve", "hand_over", "reopen", "wait"):
                answer = self._call(
                    "retail.exception.step",
                    "create",
                    [
                        {
                            "step": step,
                            "exception_ids": self.exception.ids,
                            "note": "x",
                            "user_id": user.id,
                        }
                    ],
                )
                if "result" in answer:
                    self._attack(
                        user,
                        "retail.exception.step",
                        "action_confirm",
                        [answer["result"]],
                    )
        self.assertEqual(self.exception.state, "triaged")

    def test_nobody_reads_the_exceptions_of_a_family_that_is_not_his(self):
        kind = self.env.ref("retail_ops_core.type_staffing_gap")
        case = self._take_in(type_id=kind.id)
        for user in (self.finance, self.loss_prevention):
            self.authenticate(user.login, user.login)
            for method in ("action_start", "action_take", "action_close"):
                self._attack(user, "retail.exception", method, [case.ids])
            self._attack(user, "retail.exception", "read", [case.ids, ["summary"]])
