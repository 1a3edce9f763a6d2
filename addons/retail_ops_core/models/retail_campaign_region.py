from odoo import fields, models
from odoo.tools import SQL


class RetailCampaignRegion(models.Model):
    """Readiness of one region in one campaign, its subregions included.

    A view on the stores' stored readiness: it sorts and filters like a table,
    and no store waits for another when it ticks an item.
    """

    _name = "retail.campaign.region"
    _description = "Readiness of a Region"
    _auto = False
    _order = "readiness, id"
    _depends = {
        "retail.checklist": [
            "campaign_id",
            "region_id",
            "readiness",
            "is_ready",
            "is_late",
            "risk",
        ],
        "retail.region": ["parent_path", "company_id"],
    }

    campaign_id = fields.Many2one("retail.campaign", readonly=True)
    region_id = fields.Many2one("retail.region", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    store_count = fields.Integer("Stores", readonly=True)
    ready_count = fields.Integer("Ready", readonly=True)
    late_count = fields.Integer("Late", readonly=True)
    risk_count = fields.Integer("At high risk", readonly=True)
    readiness = fields.Float("Readiness %", readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT checklist.campaign_id::bigint * 1000000 + region.id AS id,
                   checklist.campaign_id,
                   region.id AS region_id,
                   region.company_id,
                   count(*) AS store_count,
                   count(*) FILTER (WHERE checklist.is_ready) AS ready_count,
                   count(*) FILTER (WHERE checklist.is_late) AS late_count,
                   count(*) FILTER (WHERE checklist.risk = 'high') AS risk_count,
                   avg(checklist.readiness) AS readiness
              FROM retail_checklist checklist
              JOIN retail_region own ON own.id = checklist.region_id
              JOIN retail_region region
                ON own.parent_path LIKE region.parent_path || '%%'
             WHERE checklist.campaign_id IS NOT NULL
             GROUP BY checklist.campaign_id, region.id
            """
        )

    def action_open_checklists(self):
        """Open the region's stores in the campaign, the least ready first."""
        self.ensure_one()
        action = self.campaign_id.action_open_checklists()
        action["domain"] += [("region_id", "child_of", self.region_id.id)]
        return action
