"""Who may do what with each model of this addon, and who may call what.

The one place where a new model or a new public method gets its verdict; tests hold
the addon against it in both directions and attack what it refuses.
"""

STORE = {"member", "manager", "region_manager"}
FUNCTIONS = {"loss_prevention", "finance"}
SPECIALIST = {"specialist"}
OPERATIONS = {"operations", "admin"}
ADMIN = {"admin"}
AUDITOR = {"auditor"}
NOBODY = frozenset()
# People outside the suite get nothing from any model.
OUTSIDE = {"outsider", "portal"}

WORKERS = STORE | FUNCTIONS | SPECIALIST | OPERATIONS
INSIDERS = WORKERS | AUDITOR
# Daily reports are no matter of the queues' teams.
REPORTING = INSIDERS - SPECIALIST
ROLES = INSIDERS | OUTSIDE
CHECKLISTS = STORE | OPERATIONS
ANALYSTS = FUNCTIONS | OPERATIONS
REGION_AND_UP = {"region_manager"} | OPERATIONS | AUDITOR


def verdict(read=NOBODY, write=NOBODY, create=NOBODY, unlink=NOBODY):
    """Return dict operation -> roles that may do it."""
    return {"read": read, "write": write, "create": create, "unlink": unlink}


CONFIGURATION = verdict(INSIDERS, ADMIN, ADMIN, ADMIN)
RECORD = verdict(INSIDERS)
REPORT_CONFIGURATION = verdict(REPORTING, ADMIN, ADMIN, ADMIN)

MODELS = {
    "retail.audit.entry": verdict(AUDITOR | ADMIN),
    "retail.audit.seal": verdict(AUDITOR | ADMIN),
    "retail.campaign": verdict(
        CHECKLISTS | AUDITOR, OPERATIONS, OPERATIONS, OPERATIONS
    ),
    "retail.campaign.region": verdict(REGION_AND_UP),
    "retail.checklist": verdict(CHECKLISTS | AUDITOR, CHECKLISTS),
    "retail.checklist.answer": verdict(CHECKLISTS, CHECKLISTS, CHECKLISTS),
    "retail.checklist.item": verdict(CHECKLISTS | AUDITOR, CHECKLISTS),
    "retail.checklist.template": verdict(CHECKLISTS | AUDITOR, ADMIN, ADMIN, ADMIN),
    "retail.checklist.template.item": verdict(
        CHECKLISTS | AUDITOR, ADMIN, ADMIN, ADMIN
    ),
    "retail.classifier.bench": verdict(ADMIN, ADMIN, ADMIN, ADMIN),
    "retail.classifier.bench.line": verdict(ADMIN, ADMIN, ADMIN, ADMIN),
    "retail.control": verdict(OPERATIONS | AUDITOR),
    "retail.data.check": verdict(OPERATIONS | AUDITOR, ADMIN, ADMIN, ADMIN),
    "retail.data.finding": verdict(OPERATIONS | AUDITOR),
    "retail.escalation": RECORD,
    "retail.exception": verdict(INSIDERS, WORKERS, WORKERS),
    "retail.exception.category": CONFIGURATION,
    "retail.exception.classifier": CONFIGURATION,
    "retail.exception.fact": CONFIGURATION,
    "retail.exception.import": verdict(OPERATIONS | AUDITOR, create=ADMIN),
    "retail.exception.import.comment": verdict(OPERATIONS | AUDITOR, create=ADMIN),
    "retail.exception.milestone": RECORD,
    "retail.exception.pause": RECORD,
    "retail.exception.requirement": CONFIGURATION,
    "retail.exception.step": verdict(WORKERS, WORKERS, WORKERS),
    "retail.exception.type": CONFIGURATION,
    "retail.kpi": verdict(REPORTING, ADMIN),
    "retail.kpi.hour": verdict(REPORTING),
    "retail.kpi.baseline": verdict(OPERATIONS | AUDITOR, ADMIN, ADMIN, ADMIN),
    "retail.kpi.baseline.line": verdict(OPERATIONS | AUDITOR),
    "retail.kpi.snapshot": verdict(REPORTING),
    "retail.letter": verdict(STORE | OPERATIONS | AUDITOR),
    "retail.letter.line": verdict(STORE | OPERATIONS | AUDITOR),
    "retail.milestone": CONFIGURATION,
    "retail.exception.type.new": verdict(ADMIN, ADMIN, ADMIN),
    "retail.outlier.dismiss": verdict(ANALYSTS, ANALYSTS, ANALYSTS),
    "retail.outlier.flag": verdict(ANALYSTS | AUDITOR, ANALYSTS),
    "retail.outlier.plan": verdict(ANALYSTS | AUDITOR, ADMIN, ADMIN, ADMIN),
    "retail.outlier.run": verdict(ANALYSTS | AUDITOR),
    "retail.queue": CONFIGURATION,
    "retail.queue.profile": CONFIGURATION,
    "retail.queue.ageing": verdict(FUNCTIONS | OPERATIONS | AUDITOR),
    "retail.region": CONFIGURATION,
    "retail.repeat.offender": verdict(
        {"region_manager"} | FUNCTIONS | OPERATIONS | AUDITOR
    ),
    "retail.report.item": REPORT_CONFIGURATION,
    "retail.report.rule": REPORT_CONFIGURATION,
    "retail.rollout.gate": verdict(OPERATIONS | AUDITOR),
    "retail.rollout.shadow": verdict(OPERATIONS | AUDITOR),
    "retail.rollout.step": verdict(ADMIN, ADMIN, ADMIN),
    "retail.rollout.wave": verdict(OPERATIONS | AUDITOR, ADMIN, ADMIN, ADMIN),
    "retail.root.cause": CONFIGURATION,
    "retail.skill": CONFIGURATION,
    "retail.sla.audit": verdict(OPERATIONS | AUDITOR),
    "retail.sla.audit.line": verdict(REPORTING),
    "retail.sla.policy": CONFIGURATION,
    "retail.sla.target": CONFIGURATION,
    "retail.store": verdict(INSIDERS, ADMIN, ADMIN),
    "retail.sample.removal": verdict(ADMIN, ADMIN, ADMIN),
    "retail.store.go.live": verdict(ADMIN, ADMIN, ADMIN),
    "retail.store.report": verdict(REPORTING, STORE),
    "retail.store.report.check": verdict(REPORTING),
    "retail.store.report.step": verdict(
        STORE | {"finance"} | OPERATIONS,
        STORE | {"finance"} | OPERATIONS,
        STORE | {"finance"} | OPERATIONS,
    ),
    "retail.store.report.tender": verdict(REPORTING, STORE),
    "retail.storm": RECORD,
    "retail.tender.kind": REPORT_CONFIGURATION,
    "retail.workflow": CONFIGURATION,
}

# Answers, and changes nothing: there is nothing to refuse.
HARMLESS = ROLES
REVIEWERS = {"region_manager", "finance"} | OPERATIONS

METHODS = {
    "retail.audit.entry": {"action_open_record": AUDITOR | ADMIN},
    "retail.campaign": {
        "action_plan": OPERATIONS,
        "action_go_live": OPERATIONS,
        "action_end": OPERATIONS,
        "action_open_checklists": HARMLESS,
        "action_open_late": HARMLESS,
    },
    "retail.campaign.region": {"action_open_checklists": HARMLESS},
    "retail.checklist": {
        "action_open": HARMLESS,
        "action_open_exception": CHECKLISTS | AUDITOR,
    },
    "retail.checklist.answer": {"action_confirm": CHECKLISTS},
    "retail.checklist.item": {
        "action_done": CHECKLISTS,
        "action_not_applicable": CHECKLISTS,
        "action_failed": CHECKLISTS,
        "action_reopen": CHECKLISTS,
    },
    "retail.checklist.template": {
        "action_open_checklists": HARMLESS,
        "action_start_now": ADMIN,
    },
    "retail.classifier.bench": {"action_run": ADMIN},
    "retail.control": {
        "action_check": OPERATIONS | AUDITOR,
        "action_check_all": OPERATIONS | AUDITOR,
    },
    "retail.data.check": {"action_check_now": OPERATIONS | AUDITOR},
    "retail.data.finding": {"action_open_record": OPERATIONS | AUDITOR},
    "retail.exception": {
        "action_acknowledge": WORKERS,
        "action_answer": WORKERS,
        "action_cancel": WORKERS,
        "action_close": WORKERS,
        "action_escalate": WORKERS,
        "action_group_under": WORKERS,
        "action_hand_over": WORKERS,
        "action_merge": WORKERS,
        "action_open_checklist": INSIDERS,
        "action_next_milestone": WORKERS,
        "action_open_like": INSIDERS,
        "action_open_source": INSIDERS,
        "action_open_trail": AUDITOR | ADMIN,
        "action_raise_severity": WORKERS,
        "action_reclassify": WORKERS,
        "action_reject": WORKERS,
        "action_reopen": WORKERS,
        "action_resolve": WORKERS,
        "action_start": WORKERS,
        "action_take": WORKERS,
        "action_wait": WORKERS,
        "find_product": INSIDERS,
        "get_report_screen": INSIDERS,
        "report_from_screen": WORKERS,
    },
    "retail.exception.import": {"get_import_templates": HARMLESS},
    "retail.exception.step": {"action_confirm": WORKERS},
    "retail.exception.type": {
        "action_new_from_this": ADMIN,
        "get_import_templates": HARMLESS,
    },
    "retail.exception.type.new": {"action_create_type": ADMIN},
    "retail.home": {"get_home": REPORTING},
    "retail.kpi": {
        "action_check": OPERATIONS | AUDITOR,
        "action_open_records": REPORTING,
        "action_open_hours": HARMLESS,
        "action_open_snapshots": HARMLESS,
    },
    "retail.kpi.baseline": {"action_lock": ADMIN, "action_open_lines": HARMLESS},
    "retail.kpi.baseline.line": {"action_open_trend": OPERATIONS | AUDITOR},
    "retail.kpi.hour": {"action_open_records": REPORTING},
    "retail.kpi.snapshot": {
        "action_open_records": REPORTING,
        "action_take_over": ADMIN,
    },
    "retail.outlier.dismiss": {"action_confirm": ANALYSTS},
    "retail.outlier.flag": {
        "action_dismiss": ANALYSTS,
        "action_open_cases": ANALYSTS | AUDITOR,
        "action_raise_case": ANALYSTS,
    },
    "retail.queue.ageing": {"action_open_exceptions": FUNCTIONS | OPERATIONS | AUDITOR},
    "retail.region": {"get_import_templates": HARMLESS},
    "retail.repeat.offender": {
        "action_open_exceptions": {"region_manager"} | FUNCTIONS | OPERATIONS | AUDITOR
    },
    "retail.rollout.gate": {"action_open_evidence": OPERATIONS | AUDITOR},
    "retail.rollout.shadow": {"action_open_document": OPERATIONS | AUDITOR},
    "retail.rollout.step": {"action_confirm": ADMIN},
    "retail.rollout.wave": {
        "action_agree": ADMIN,
        "action_back_to_shadow": ADMIN,
        "action_check_gates": ADMIN,
        "action_compare": OPERATIONS | AUDITOR,
        "action_open_differences": HARMLESS,
        "action_open_shadows": HARMLESS,
        "action_open_stores": OPERATIONS | AUDITOR,
        "action_promote": ADMIN,
        "action_roll_back": ADMIN,
        "action_start_shadow": ADMIN,
        "action_stay": ADMIN,
    },
    "retail.sla.audit": {"action_open_lines": HARMLESS},
    "retail.sla.audit.line": {"action_open_exceptions": REPORTING},
    "retail.store": {
        "action_go_live": ADMIN,
        "action_open_exceptions": HARMLESS,
        "get_import_templates": HARMLESS,
    },
    "retail.sample.removal": {"action_remove": ADMIN},
    "retail.store.go.live": {"action_confirm": ADMIN},
    "retail.store.report": {
        "action_correct": STORE,
        "action_open_correction": REPORTING,
        "action_open_exceptions": HARMLESS,
        "action_open_today": STORE,
        "action_return": REVIEWERS,
        "action_submit": STORE,
        "action_validate": REVIEWERS,
    },
    "retail.store.report.step": {"action_confirm": STORE | {"finance"} | OPERATIONS},
    "retail.storm": {
        "action_open_members": HARMLESS,
        "action_resolve_all": WORKERS,
        "action_take_all": WORKERS,
    },
    "retail.workflow": {
        "action_act_everywhere": ADMIN,
        "action_ask_for_waves": ADMIN,
        "action_measure": OPERATIONS | AUDITOR,
        "action_open_uncovered": HARMLESS,
        "action_open_waves": HARMLESS,
        "action_put_in_waves": ADMIN,
    },
}

# Called on the model, not on records, with these arguments.
CALLED_ON_MODEL = {
    "find_product": [["T-OIL"]],
    "action_check_all": [[]],
    "get_home": [[]],
    "get_report_screen": [[]],
    "report_from_screen": [[{"summary": "x"}, "key"]],
    "action_open_today": [[]],
}
