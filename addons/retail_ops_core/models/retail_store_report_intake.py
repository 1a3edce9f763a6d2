from odoo import models

from .retail_report_rule import KINDS

SUBMISSION_KINDS = [code for code, _label in KINDS if code != "missing_report"]


class RetailStoreReport(models.Model):
    """What the rules find in a report becomes exceptions, once each."""

    _inherit = "retail.store.report"

    def _intake_key(self, rule):
        """Return the key of the exception that ``rule`` raises for this day.

        All versions of a day share it, so that a correction raises nothing twice.
        """
        return f"report:{self._first_version().id}:{rule.code}"

    def _run_checks(self):
        """Hold every rule in force against the report and raise what fails."""
        rules = self.env["retail.report.rule"]._in_force(
            self.company_id, SUBMISSION_KINDS
        )
        checks = self.env["retail.store.report.check"].create(
            [
                {"report_id": self.id, "rule_id": rule.id, **rule._evaluate(self)}
                for rule in rules
            ]
        )
        failed = checks.filtered(lambda check: not check.passed)
        self._raise_failures(failed)
        self._tell_earlier_failures(checks)

    def _raise_failures(self, failed):
        facts = [check._intake_values() for check in failed]
        results = self.env["retail.exception"]._intake(facts)
        for check, exception in zip(failed, results, strict=True):
            check.exception_id = exception
        fresh = failed.exception_id.filtered(lambda exc: exc.report_id == self)
        self._attach_slip(fresh.filtered(lambda exc: exc.family == "cash"))

    def _attach_slip(self, exceptions):
        """Put a copy of the slip on each exception, as evidence."""
        if not self.slip_sha256:
            return
        content = self.with_context(bin_size=False).slip
        for exception in exceptions:
            attachment = self.env["ir.attachment"].create(
                {
                    "name": self.env._("Deposit slip %s", self.display_name),
                    "datas": content,
                    "res_model": exception._name,
                    "res_id": exception.id,
                }
            )
            exception.message_post(
                body=self.env._(
                    "The store's deposit slip, SHA-256 %s", self.slip_sha256
                ),
                attachment_ids=attachment.ids,
            )

    def _tell_earlier_failures(self, checks):
        """Say on the exceptions of earlier versions what this one shows.

        A correction resolves nothing by itself: whoever answers for the exception
        decides whether the new figures explain the old ones.
        """
        if not self.previous_id:
            return
        keys = {self._intake_key(check.rule_id): check for check in checks}
        earlier = self.env["retail.exception"].search(
            [("intake_key", "in", list(keys)), ("report_id", "!=", self.id)]
        )
        for exception in earlier:
            check = keys[exception.intake_key]
            exception._hear_of_correction(check, self._correction_note(check))

    def _correction_note(self, check):
        return self.env._(
            "The store filed version %(version)s: the rule “%(rule)s” %(result)s. "
            "%(note)s. Reason: %(reason)s",
            version=self.version,
            rule=check.rule_id.name,
            result=self.env._("passes") if check.passed else self.env._("still fails"),
            note=check.note,
            reason=self.correction_reason,
        )

    # === Missing and late === #
    def _raise_missing(self):
        """Note that the cut-off passed without a report, and raise it once.

        A store that no longer owes the report, because it closed or the day became
        a holiday, is let off.
        """
        owing = self.filtered(
            lambda report: report.store_id._report_due_at(report.business_date)
        )
        (self - owing).due_at = False
        for report in owing:
            report.missing_at = report.due_at
        self.env["retail.audit.entry"]._record(owing, "report.missing", {})
        facts = [
            report._missing_values(rule)
            for report in owing
            for rule in report._missing_rules()
        ]
        self.env["retail.exception"]._intake(facts)

    def _missing_rules(self):
        return self.env["retail.report.rule"]._in_force(
            self.company_id, ["missing_report"]
        )

    def _missing_values(self, rule):
        return {
            "type_id": rule.exception_type_id.id,
            "store_id": self.store_id.id,
            "summary": self.env._(
                "%(rule)s, %(day)s", rule=rule.name, day=self.business_date
            ),
            "reason": self.env._("No report filed by %s.", self.due_text),
            "occurred_at": self.due_at,
            "origin": "automation",
            "intake_key": self._intake_key(rule),
            "report_id": self.id,
        }

    def _end_missing(self):
        """Resolve what the late report answers, and say how late it came."""
        self._finish_activities()
        keys = [self._intake_key(rule) for rule in self._missing_rules()]
        missing = self.env["retail.exception"].search(
            [("intake_key", "in", keys), ("is_open", "=", True)]
        )
        missing._resolve_by_late_report(self._lateness_note())

    def _lateness_note(self):
        minutes = round(self.hours_late * 60)
        return self.env._(
            "Report filed %(moment)s (%(zone)s), %(hours)s h %(minutes)02d min after "
            "the cut-off.",
            moment=self._local_text(self.filed_at),
            zone=self.store_id.tz,
            hours=minutes // 60,
            minutes=minutes % 60,
        )
