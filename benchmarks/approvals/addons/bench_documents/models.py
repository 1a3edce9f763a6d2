from odoo import api, fields, models


class BenchDocument(models.AbstractModel):
    _name = "bench.document"
    _description = "Benchmark Document"

    name = fields.Char()
    note = fields.Char()
    amount = fields.Float()
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    state = fields.Selection(
        [("draft", "Draft"), ("confirmed", "Confirmed"), ("cancel", "Cancelled")],
        default="draft",
    )


class BenchPlain(models.Model):
    _name = "bench.plain"
    _description = "Ungoverned Document"
    _inherit = ["bench.document"]


class BenchTier(models.Model):
    _name = "bench.tier"
    _description = "Document Governed by the Peer"
    _inherit = ["bench.document", "tier.validation"]
    _tier_validation_manual_config = False


class BenchGoverned(models.Model):
    _name = "bench.governed"
    _description = "Document Governed by Ours"
    _inherit = ["bench.document", "retail.approval.mixin"]

    def _approval_amount(self):
        return self.amount


class TierDefinition(models.Model):
    _inherit = "tier.definition"

    @api.model
    def _get_tier_validation_model_names(self):
        return [*super()._get_tier_validation_model_names(), "bench.tier"]
