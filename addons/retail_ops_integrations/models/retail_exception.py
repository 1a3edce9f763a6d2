from odoo import api, fields, models


class RetailException(models.Model):
    _inherit = "retail.exception"

    event_job_ids = fields.One2many(
        "retail.event.job", "exception_id", string="Events", readonly=True
    )
    failing_source_id = fields.Many2one(
        "retail.source",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="retail_ops_integrations.group_integrator",
        help="The source whose events fail: the case goes the exception path that its "
        "contract names.",
    )

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name == "failing_source_id":
            return self.env.su
        return super()._has_field_access(field, operation)

    @api.depends("failing_source_id")
    def _compute_queue_id(self):
        result = super()._compute_queue_id()
        for exception in self.sudo().filtered("failing_source_id.queue_id"):
            exception.queue_id = exception.failing_source_id.queue_id
        return result

    outside_html = fields.Html(
        string="From other systems",
        compute="_compute_outside_html",
        compute_sudo=True,
        help="What systems between the apps found out, and whom they told. They "
        "inform; nothing here changed the case.",
    )

    def _compute_outside_html(self):
        """Show facts and notices; who may read the case may read them."""
        facts = self.env["retail.exception.enrichment"]
        notices = self.env["retail.exception.notice"]
        named = [("exception_id", "in", self.ids)]
        facts_of = facts.search(named).grouped("exception_id")
        notices_of = notices.search(named).grouped("exception_id")
        for case in self:
            found = {
                "facts": facts_of.get(case, facts),
                "notices": notices_of.get(case, notices),
            }
            case.outside_html = any(found.values()) and self.env["ir.qweb"]._render(
                "retail_ops_integrations.outside_facts", found
            )

    def action_open_trace(self):
        """Show every hop of the exception's case between the systems."""
        self.ensure_one()
        return self.env["retail.trace"]._open(self.correlation_id)
