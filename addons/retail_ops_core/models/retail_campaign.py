import logging
from datetime import datetime, timedelta

from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import readiness
from ..tools.countdown import hour_as_time
from .retail_checklist import RISKS
from .retail_checklist_planning import PLANNING_BATCH

CONTROLLED_FIELDS = {"state", "launch_at", "checklist_ids", "region_ids"}
FIXED_ONCE_PLANNED = {"template_id", "company_id"}
LAUNCH_FIELDS = {"launch_date", "launch_hour"}
WORST_ITEMS = 5
NAMED_STORES = 6

_logger = logging.getLogger(__name__)


class RetailCampaign(models.Model):
    _name = "retail.campaign"
    _description = "Promotion Campaign"
    _inherit = ["retail.store.selection", "mail.thread", "mail.activity.mixin"]
    _order = "launch_date desc, id desc"

    name = fields.Char(required=True, tracking=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("preparing", "Preparing"),
            ("live", "Live"),
            ("ended", "Ended"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    launch_date = fields.Date(
        required=True,
        tracking=True,
        help="First day of the promotion: deadlines of checklists are counted back "
        "from it.",
    )
    launch_hour = fields.Float(
        required=True,
        default=8.0,
        help="Hour of each store's own day at which the promotion must stand.",
    )
    launch_at = fields.Datetime(
        "First launch",
        readonly=True,
        copy=False,
        help="When the first of the stores, by its time zone, launches.",
    )
    end_date = fields.Date(tracking=True, help="Last day of the promotion.")
    template_id = fields.Many2one(
        "retail.checklist.template",
        "Checklist",
        required=True,
        domain="[('kind', '=', 'campaign')]",
        ondelete="restrict",
        help="What every store has to do, and how long before the launch.",
    )
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.user,
        tracking=True,
        help="Answers for the campaign at headquarters; it reaches stores of this "
        "person's companies.",
    )
    checklist_ids = fields.One2many(
        "retail.checklist", "campaign_id", "Store checklists"
    )
    region_ids = fields.One2many("retail.campaign.region", "campaign_id", "Regions")

    # === Figures: always those of the stores that the user may see === #
    store_count = fields.Integer("Stores taking part", compute="_compute_figures")
    ready_count = fields.Integer("Ready stores", compute="_compute_figures")
    late_count = fields.Integer("Late stores", compute="_compute_figures")
    readiness = fields.Float(
        "Readiness %",
        compute="_compute_figures",
        help="Average of the stores, each weighing the same.",
    )
    risk = fields.Selection(
        RISKS,
        "Launch risk",
        compute="_compute_figures",
        help="High: a tenth of the stores is at high risk. Medium: any store is, or a "
        "quarter is at medium risk. Low: a store is not ready yet.",
    )
    risk_note = fields.Text("Why", compute="_compute_risk_note")

    _ends_after_launch = models.Constraint(
        "CHECK(end_date IS NULL OR end_date >= launch_date)",
        "A campaign ends on the day of its launch or later.",
    )
    _hour_of_the_day = models.Constraint(
        "CHECK(launch_hour >= 0 AND launch_hour < 24)",
        "A campaign launches at an hour from 0:00 to 23:59.",
    )

    @api.depends("checklist_ids.readiness", "checklist_ids.is_late")
    @api.depends_context("uid")
    def _compute_figures(self):
        figures = self._figures()
        for campaign in self:
            campaign.update(campaign._figures_as_values(figures.get(campaign.id, [])))

    def _figures(self):
        """Return dict id -> list of ``(risk, ready, late, count, readiness sum)``."""
        rows = self.env["retail.checklist"]._read_group(
            [("campaign_id", "in", self.ids)],
            ["campaign_id", "risk", "is_ready", "is_late"],
            ["__count", "readiness:sum"],
        )
        figures = {}
        for campaign, *row in rows:
            figures.setdefault(campaign.id, []).append(row)
        return figures

    @api.model
    def _figures_as_values(self, rows):
        stores = sum(count for *_flags, count, _sum in rows)
        ready = sum(row[3] for row in rows if row[1])
        high = sum(row[3] for row in rows if row[0] == "high")
        medium = sum(row[3] for row in rows if row[0] == "medium")
        return {
            "store_count": stores,
            "ready_count": ready,
            "late_count": sum(row[3] for row in rows if row[2]),
            "readiness": sum(row[4] for row in rows) / stores if stores else 0.0,
            "risk": readiness.chain_risk(stores, high, medium, ready)
            if stores
            else False,
        }

    @api.depends("checklist_ids.missing")
    @api.depends_context("uid")
    def _compute_risk_note(self):
        for campaign in self:
            missing = self.env["retail.checklist.item"].search(
                [
                    ("campaign_id", "in", campaign.ids),
                    ("state", "in", ("open", "failed")),
                ]
            )
            campaign.risk_note = missing._risk_lines(WORST_ITEMS, NAMED_STORES)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Let lists sort by readiness without a figure that every tick rewrites."""
        if field_name != "readiness":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        visible = self.env["retail.checklist"]._search([])
        return SQL(
            "(SELECT avg(readiness) FROM retail_checklist WHERE campaign_id = %s"
            " AND id IN %s) %s %s",
            SQL.identifier(alias, "id"),
            visible.subselect(),
            direction,
            nulls,
        )

    @api.constrains("owner_id")
    def _check_owner_id(self):
        for campaign in self:
            what = self.env._("campaign %s", campaign.name)
            campaign.owner_id._check_works_here(what)

    def _selected_domain(self):
        """Keep to the companies of the campaign's owner."""
        companies = self.owner_id.sudo().company_ids
        return super()._selected_domain() & Domain("company_id", "in", companies.ids)

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in CONTROLLED_FIELDS:
            return self.env.su
        return super()._has_field_access(field, operation)

    def write(self, vals):
        planned = self.filtered(lambda campaign: campaign.state != "draft")
        planned._check_may_change(vals)
        result = super().write(vals)
        if vals.keys() & LAUNCH_FIELDS:
            planned.sudo()._move_launch()
        return result

    def _check_may_change(self, vals):
        for campaign in self:
            fixed = set(FIXED_ONCE_PLANNED)
            if campaign.state != "preparing":
                fixed |= LAUNCH_FIELDS
            if vals.keys() & fixed:
                raise UserError(
                    self.env._(
                        "%(campaign)s is %(state)s: its checklist, company and past "
                        "launch stay as they are. Make a copy for another campaign.",
                        campaign=campaign.name,
                        state=campaign._state_label(),
                    )
                )

    def _state_label(self):
        labels = dict(self._fields["state"]._description_selection(self.env))
        return labels[self.state].lower()

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for campaign in self.filtered(lambda campaign: campaign.state != "draft"):
            raise UserError(
                self.env._(
                    "%s was planned and stays as a record: end it instead.",
                    campaign.name,
                )
            )

    # === Planning === #
    def action_plan(self):
        """Give every selected store its checklist; stores that have one keep it."""
        self.check_access("write")
        for campaign in self:
            campaign.sudo()._set_preparing()

    def _set_preparing(self):
        """Plan, or take in the stores that came since.

        :raise UserError: when the launch is past, or no store is selected
        """
        self._check_can_plan()
        runs = self._missing_runs()
        for start in range(0, len(runs), PLANNING_BATCH):
            self.template_id._create_checklists(
                runs[start : start + PLANNING_BATCH], campaign=self
            )
        if self.state == "draft":
            self.state = "preparing"
        self.launch_at = min(self.checklist_ids.mapped("due_at"))
        self.env["retail.audit.entry"]._record(
            self, "campaign.planned", {"stores": len(runs)}
        )

    def _check_can_plan(self):
        if self.state not in ("draft", "preparing"):
            raise UserError(
                self.env._(
                    "%(campaign)s is %(state)s: stores join while it is a draft or in "
                    "preparation.",
                    campaign=self.name,
                    state=self._state_label(),
                )
            )
        if not self._selected_stores():
            raise UserError(
                self.env._(
                    "No store meets the conditions of %s: widen them.", self.name
                )
            )
        self._check_launch_is_ahead()

    def _check_launch_is_ahead(self):
        first = min(self._launch_in(store) for store in self._selected_stores())
        if first <= fields.Datetime.now():
            raise UserError(
                self.env._(
                    "The launch of %s has passed in a store already: choose a later "
                    "one.",
                    self.name,
                )
            )

    def _missing_runs(self):
        missing = self._selected_stores() - self.checklist_ids.store_id
        return [
            (store, f"campaign:{self.id}", self._launch_in(store)) for store in missing
        ]

    def _launch_in(self, store):
        """Return the launch in the store's own zone, as naive UTC."""
        local = datetime.combine(self.launch_date, hour_as_time(self.launch_hour))
        moment = timezone(store.tz).localize(local)
        return moment.astimezone(utc).replace(tzinfo=None)

    def _move_launch(self):
        """Move what is open to the new launch; answers stay."""
        for campaign in self:
            campaign._check_launch_is_ahead()
            checklists = campaign.checklist_ids
            moments = {
                one.store_id: campaign._launch_in(one.store_id) for one in checklists
            }
            checklists._move_deadlines_before(moments)
            campaign.launch_at = min(moments.values())

    def _heir_of_owner(self, leaver):
        """Return who answers for the campaign when its owner leaves.

        :param leaver: the res.users who leaves
        :return: the owner of the queue that its checklists report to, or somebody
            at headquarters, of the campaign's companies
        """
        queue = self.template_id.exception_type_id.queue_id.sudo()
        owner = queue._answering() if queue else self.env.user
        reach = leaver.sudo().company_ids
        candidates = owner | self.env.ref("retail_ops_core.group_admin").all_user_ids
        there = (candidates - leaver).filtered("active")
        return there.filtered(lambda user: user.company_ids >= reach)[:1] or there[:1]

    def _heir_of_activity(self):
        """Return whose activities on this campaign are, when their user leaves."""
        return self.owner_id

    # === Life === #
    def action_go_live(self):
        """Say that the promotion has begun."""
        self.check_access("write")
        self.sudo()._set_live()

    def action_end(self):
        """End it; what stores have not answered counts as missed."""
        self.check_access("write")
        self.sudo()._set_ended()

    def _set_live(self):
        starting = self.filtered(lambda campaign: campaign.state != "live")
        starting._check_state_is("preparing")
        starting.state = "live"
        self.env["retail.audit.entry"]._record(
            starting,
            "campaign.live",
            [
                {"stores": one.store_count, "ready": one.ready_count, "risk": one.risk}
                for one in starting
            ],
        )

    def _set_ended(self):
        ending = self.filtered(lambda campaign: campaign.state != "ended")
        ending._check_state_is("live")
        ending.checklist_ids._set_missed()
        ending.state = "ended"
        self.env["retail.audit.entry"]._record(ending, "campaign.ended", {})

    def _check_state_is(self, state):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for campaign in self.filtered(lambda campaign: campaign.state != state):
            raise UserError(
                self.env._(
                    "%(campaign)s is %(state)s: this is done while it is %(needed)s.",
                    campaign=campaign.name,
                    state=campaign._state_label(),
                    needed=labels[state].lower(),
                )
            )

    @api.model
    def _cron_follow_dates(self):
        """Scheduled Action: go live at the first launch, end after the last day."""
        now = fields.Datetime.now()
        yesterday_everywhere = (now - timedelta(hours=12)).date()
        self._each(
            [("state", "=", "preparing"), ("launch_at", "<=", now)],
            lambda campaign: campaign._set_live(),
        )
        self._each(
            [("state", "=", "live"), ("end_date", "<", yesterday_everywhere)],
            lambda campaign: campaign._set_ended(),
        )

    @api.model
    def _each(self, domain, step):
        for campaign in self.search(domain, order="id"):
            try:
                with self.env.cr.savepoint():
                    step(campaign)
            except UserError as error:
                _logger.warning("Campaign %s skipped: %s", campaign.name, error)
            self.env["ir.cron"]._commit_progress(1)

    def action_open_checklists(self):
        """Open the stores that take part, the least ready first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_checklist_campaign"
        )
        action["domain"] = [("campaign_id", "=", self.id)]
        return action

    def action_open_late(self):
        """Open the stores that are late."""
        action = self.action_open_checklists()
        action["domain"] += [("is_late", "=", True)]
        return action
