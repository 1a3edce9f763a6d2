from datetime import timedelta

from odoo import fields, models


class RetailQueue(models.Model):
    _name = "retail.queue"
    _description = "Exception Queue"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Leave empty for a queue that serves every company."
    )
    member_ids = fields.Many2many(
        "res.users",
        relation="retail_queue_member_rel",
        string="Team",
        help="Users who may see and work what is in this queue.",
    )
    business_owner_id = fields.Many2one(
        "res.users",
        required=True,
        help="Answers for the queue: gets reviews, and what nobody else can take.",
    )
    technical_owner_id = fields.Many2one(
        "res.users",
        required=True,
        help="Keeps rules, integrations and automations of the queue in order.",
    )
    assignment = fields.Selection(
        [
            ("store_manager", "The store's manager"),
            ("region_manager", "The region's manager"),
            ("least_loaded", "The team member with least open work"),
            ("business_owner", "The business owner"),
        ],
        string="Assign to",
        required=True,
        default="store_manager",
        help="Who gets a new exception. When that person is missing, archived or out "
        "of office, it goes to the regional manager, then to the business owner: never "
        "to nobody.",
    )
    alert_user_id = fields.Many2one(
        "res.users",
        string="Owner's manager",
        help="Is told when the queue is abandoned. Empty tells the business owner.",
    )
    idle_hours = fields.Integer(
        string="Abandoned after (hours)",
        default=24,
        help="A queue with open exceptions that nobody worked on for this many hours "
        "is abandoned. 0 never is.",
    )
    abandoned_since = fields.Datetime(readonly=True, copy=False)
    exception_ids = fields.One2many("retail.exception", "queue_id")

    _code_unique = models.Constraint(
        "UNIQUE(code)", "Another queue has this code: choose a code of its own."
    )

    def _least_loaded_member(self):
        """Return the active team member with the fewest open exceptions."""
        self.ensure_one()
        members = self.member_ids._present()
        load = dict(
            self.env["retail.exception"]
            .sudo()
            ._read_group(
                [("user_id", "in", members.ids), ("is_open", "=", True)],
                ["user_id"],
                ["__count"],
            )
        )
        return min(
            members, key=lambda user: (load.get(user, 0), user.id), default=members
        )

    def _assignee_for(self, store):
        """Return who gets a new exception of ``store`` in this queue.

        :param store: retail.store
        :return: an active res.users, never empty
        """
        self.ensure_one()
        manager = store.manager_id._present()
        region_manager = store.region_id._manager_at_level(0)._present()
        owner = self.business_owner_id
        chosen = {
            "store_manager": lambda: manager or region_manager,
            "region_manager": lambda: region_manager,
            "least_loaded": self._least_loaded_member,
            "business_owner": lambda: owner,
        }[self.assignment]()
        return chosen or owner

    def _last_touch(self):
        """Return dict queue -> when somebody last worked on an open case in it."""
        return dict(
            self.env["retail.exception"]
            .sudo()
            ._read_group(
                [("queue_id", "in", self.ids), ("is_open", "=", True)],
                ["queue_id"],
                ["touched_at:max"],
            )
        )

    def _find_abandoned(self):
        """Mark queues nobody works on, and tell the owner's manager once."""
        now = fields.Datetime.now()
        touched = self._last_touch()
        for queue in self:
            last = touched.get(queue)
            limit = timedelta(hours=queue.idle_hours)
            is_abandoned = bool(last and queue.idle_hours and last + limit < now)
            if is_abandoned and not queue.abandoned_since:
                queue._alert_abandoned(last)
            elif not is_abandoned:
                queue.abandoned_since = False

    def _alert_abandoned(self, last):
        self.abandoned_since = last
        self.activity_schedule(
            "retail_ops_core.activity_abandoned",
            user_id=(self.alert_user_id or self.business_owner_id).id,
            summary=self.env._("Nobody works on this queue since %s", last),
        )
