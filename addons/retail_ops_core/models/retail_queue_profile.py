from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RetailQueueProfile(models.Model):
    """What a member of a team can do, and which places the member serves."""

    _name = "retail.queue.profile"
    _description = "Profile of a Team Member"
    _order = "queue_id, user_id"

    queue_id = fields.Many2one(
        "retail.queue", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="cascade",
        help="A member of the queue: what is said here decides which cases he gets.",
    )
    skill_ids = fields.Many2many(
        "retail.skill",
        relation="retail_queue_profile_skill_rel",
        string="Skills",
        help="A case goes rather to who has more of the skills that its type asks for.",
    )
    store_ids = fields.Many2many(
        "retail.store",
        relation="retail_queue_profile_store_rel",
        string="Stores served",
        help="Leave stores and regions empty for somebody who serves every store.",
    )
    region_ids = fields.Many2many(
        "retail.region",
        relation="retail_queue_profile_region_rel",
        string="Regions served",
        help="Stores of these regions and of those below them.",
    )

    _queue_user_unique = models.Constraint(
        "UNIQUE(queue_id, user_id)", "A team member has one profile in a queue."
    )

    @api.constrains("user_id", "queue_id")
    def _check_user_is_in_team(self):
        for profile in self:
            if profile.user_id not in profile.queue_id.member_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s is not in the team of queue %(queue)s: add the user "
                        "to the team first.",
                        user=profile.user_id.name,
                        queue=profile.queue_id.name,
                    )
                )

    def _nearness(self, store):
        """Return how near the member is to a store.

        :param store: retail.store
        :return: 2 when it is named, 1 by its region, 0 when every store is served,
            -1 when this one is not
        """
        if not self.store_ids and not self.region_ids:
            return 0
        if store in self.store_ids:
            return 2
        path = store.region_id.parent_path or ""
        above = {int(part) for part in path.split("/") if part}
        return 1 if above & set(self.region_ids.ids) else -1
