from odoo import models
from odoo.exceptions import UserError
from odoo.tools.misc import format_datetime, formatLang

FINISHED = ("resolved", "closed")


class RetailException(models.Model):
    """The evidence pack: all that a finished case was, on a few pages."""

    _inherit = "retail.exception"

    def action_print_evidence_pack(self):
        """Print the evidence pack.

        :raise UserError: as long as the case is open
        """
        self.check_access("read")
        for case in self.filtered(lambda each: each.state not in FINISHED):
            raise UserError(
                self.env._(
                    "%s is not finished: resolve it first, then its evidence is "
                    "complete.",
                    case.name,
                )
            )
        report = self.env.ref("retail_ops_maintenance.action_evidence_pack")
        return report.report_action(self)

    def _pack_moment(self, moment):
        """Return a moment by the store's clock, as a text."""
        if not moment:
            return ""
        zone = self.store_id.tz
        return format_datetime(self.env, moment, tz=zone, dt_format="short")

    def _pack_facts(self):
        """Return the facts of the case as ``(label, text)``, those that it has."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        severities = dict(self._fields["severity"]._description_selection(self.env))
        return [
            (label, value)
            for label, value in [
                (self.env._("Type"), self.type_id.name),
                (self.env._("Store"), self.store_id.display_name),
                (self.env._("Equipment"), self.sudo().equipment_id.display_name),
                (self.env._("State"), labels[self.state]),
                (self.env._("Severity"), severities.get(self.severity)),
                (self.env._("What was seen"), self.reason),
                (self.env._("Happened"), self._pack_moment(self.occurred_at)),
                (self.env._("Reported"), self._pack_moment(self.opened_at)),
                (self.env._("Deadline"), self._pack_moment(self.resolve_due)),
                (self.env._("Resolved"), self._pack_moment(self.resolved_at)),
                (self.env._("Resolution"), self.resolution),
                (self.env._("Root cause"), self.root_cause_id.name),
                (self.env._("Times in window"), self.recurrence_count),
            ]
            if value
        ]

    def _pack_repair(self):
        """Return the repair as ``(label, text)``: who, when, how long, how much."""
        repair = self.sudo().maintenance_id
        if not repair:
            return [(self.env._("Repair"), self.env._("None was asked for."))]
        cost = formatLang(self.env, repair.repair_cost, currency_obj=repair.currency_id)
        return [
            (self.env._("Repair"), repair.display_name),
            (self.env._("Stands"), repair.stage_id.name),
            (self.env._("Technician"), repair.user_id.name or ""),
            (self.env._("Vendor"), repair.vendor_id.name or ""),
            (self.env._("Down since"), self._pack_moment(repair.down_since)),
            (self.env._("Repaired"), self._pack_moment(repair.repaired_at)),
            (
                self.env._("Downtime"),
                self.env._(
                    "%s opening hours", formatLang(self.env, repair.downtime_hours)
                ),
            ),
            (self.env._("Cost"), cost),
            (
                self.env._("Emergency"),
                self.env._("yes") if repair.is_emergency else self.env._("no"),
            ),
        ]

    def _pack_timeline(self):
        """Return what the ledger recorded: dicts ``at``, ``by``, ``what``, ``why``."""
        entries = self.env["retail.audit.entry"].sudo()
        domain = [("model", "=", self._name), ("res_id", "=", self.id)]
        return [
            {
                "at": self._pack_moment(entry.recorded_at),
                "by": entry.user_name,
                "what": self._pack_word(entry),
                "why": entry.why,
            }
            for entry in entries.search(domain, order="id")
        ]

    def _pack_word(self, entry):
        kind, _dot, what = entry.action.partition(".")
        states = dict(self._fields["state"]._description_selection(self.env))
        if kind == "exception":
            return states.get(what, what.replace("_", " ").capitalize())
        if kind == "repair":
            return self.env._("Repair: %s", self._pack_steps().get(what, what))
        return entry.action.replace(".", " ").capitalize()

    def _pack_steps(self):
        stages = self.env["maintenance.stage"]._fields["retail_step"]
        return {
            **dict(stages._description_selection(self.env)),
            "done": self.env._("done"),
            "cancelled": self.env._("cancelled"),
        }

    def _pack_requests(self):
        """Return all requests for approval, of the case and of its repair."""
        case = self.sudo()
        return case.approval_request_ids | case.maintenance_id.approval_request_ids

    def _pack_files(self):
        """Return files with their full digest as it is in the ledger."""
        entries = self.sudo()._evidence_entries().sorted("id")
        return [
            {
                **self._evidence_row(entry),
                "sha256": entry.facts.get("sha256") or "",
            }
            for entry in entries
        ]
