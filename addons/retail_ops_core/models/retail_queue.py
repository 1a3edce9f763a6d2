from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_datetime


class RetailQueue(models.Model):
    _name = "retail.queue"
    _description = "Exception Queue"
    _inherit = ["retail.audited", "mail.thread", "mail.activity.mixin"]
    _unaudited = frozenset({"abandoned_since"})
    _order = "sequence, name"
    _rec_names_search = ["name", "code"]
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
            ("best_fit", "The team member who fits best: place, skills, least work"),
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

    @api.constrains("business_owner_id", "technical_owner_id", "alert_user_id")
    def _check_owners_work_here(self):
        for queue in self:
            people = queue.business_owner_id | queue.technical_owner_id
            people |= queue.alert_user_id
            people._check_works_here(self.env._("queue %s", queue.name))

    def _answering(self):
        """Return who answers for the queue now: an active user, never nobody."""
        self.ensure_one()
        owners = self.sudo().business_owner_id, self.alert_user_id
        present = [user for user in owners if user.active]
        return present[0] if present else self._stand_in()

    def _stand_in(self):
        """Return who answers when the owner has left: a person at headquarters."""
        queue = self.sudo()
        people = queue.technical_owner_id | queue.member_ids
        administrators = self.env.ref("retail_ops_core.group_admin").sudo()
        present = people.filtered("active") | administrators.all_user_ids.filtered(
            "active"
        )
        return present[:1] or self.env.user

    def _heir_of_owner(self, leaver):
        """Return who takes over from an owner who leaves.

        :param leaver: the res.users who leaves
        :return: the owner's manager, the other owner, or a stand-in
        """
        self.ensure_one()
        owners = self.business_owner_id | self.technical_owner_id
        people = (self.alert_user_id | owners) - leaver
        return people.filtered("active")[:1] or self._stand_in()

    def _heir_of_activity(self):
        """Return whose activities on this queue are, when their user leaves."""
        return self.alert_user_id or self._answering()

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
        user = self.alert_user_id.filtered("active") or self._answering()
        told = self.with_context(lang=user.lang)
        since = format_datetime(told.env, last, tz=user.tz, dt_format="short")
        self.activity_schedule(
            "retail_ops_core.activity_abandoned",
            user_id=user.id,
            summary=told.env._("Nobody works on this queue since %s", since),
        )
