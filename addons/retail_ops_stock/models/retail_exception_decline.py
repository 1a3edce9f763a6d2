from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class RetailException(models.Model):
    """A store that is asked for goods may keep them: the next one is asked then."""

    _inherit = "retail.exception"

    stock_declined_store_ids = fields.Many2many(
        "retail.store",
        relation="retail_exception_declined_store_rel",
        string="Stores that declined",
        readonly=True,
        copy=False,
        help="Stores that were asked for the goods and keep them.",
    )
    # People of a store read no other store: they get the names.
    stock_declined_by = fields.Char(
        "Declined by",
        compute="_compute_stock_declined_by",
        compute_sudo=True,
        help="Stores that were asked for the goods and keep them. This case does not "
        "ask them again; the chatter tells why.",
    )

    @api.depends("stock_declined_store_ids")
    def _compute_stock_declined_by(self):
        for case in self:
            stores = case.stock_declined_store_ids
            case.stock_declined_by = ", ".join(stores.mapped("display_name"))

    def action_decline_transfer(self):
        """Ask why the giving store keeps its goods.

        :return: action that opens the dialog
        :raise UserError: to who does not answer for that store, or when no answer is
            waited for any more
        """
        self.ensure_one()
        self.check_access("read")
        store = self.sudo().stock_giver_id
        self._check_may_decline(store)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why do the goods stay?"),
            "res_model": "retail.transfer.decline",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_exception_id": self.id,
                "default_store_id": store.id,
            },
        }

    def _decline_transfer(self, store, reason):
        """Keep a store's goods, and ask the next one that can spare them.

        :param store: retail.store that keeps its goods
        :param reason: why, a text
        :raise UserError: see :meth:`action_decline_transfer`, or without a reason
        """
        if not reason.strip():
            raise UserError(self.env._("Say why the goods have to stay."))
        self._check_has_not_declined(store)
        self.check_access("read")
        self._check_may_decline(store)
        self.sudo()._decline(store, reason.strip())

    # === WHO MAY, AND WHEN === #

    def _check_has_not_declined(self, store):
        """Tell who has answered so: he may read the case no longer."""
        case = self.sudo()
        if store in case.stock_declined_store_ids and store._answers(self.env.user):
            raise UserError(
                self.env._(
                    "%(store)s has declined already, and is asked no more about "
                    "%(case)s: there is nothing left to do.",
                    store=store.display_name,
                    case=case.name,
                )
            )

    def _check_may_decline(self, store):
        case = self.sudo()
        if not case.stock_picking_id or case.stock_giver_id != store:
            raise UserError(case._why_not_asked())
        if not case.stock_picking_id._may_let_go(self.env.user):
            raise UserError(case._who_answers())
        if not case.is_open or case.stock_picking_id.state != "draft":
            raise UserError(case._why_too_late())

    def _why_not_asked(self):
        return self.env._(
            "%s does not ask this store for goods: its page Proposal says who is "
            "asked, or what is planned instead.",
            self.name,
        )

    def _who_answers(self):
        return self.env._(
            "%(case)s asks %(store)s for these goods: its manager %(manager)s, or a "
            "manager of its region, agrees or declines.",
            case=self.name,
            store=self.stock_giver_id.display_name,
            manager=self.stock_giver_id.manager_id.name or "",
        )

    def _why_too_late(self):
        picking = self.stock_picking_id
        if picking.state == "cancel":
            return self.env._(
                "%(transfer)s was cancelled, so the goods stay and nobody waits for an "
                "answer. %(store)s orders them, or has them from elsewhere.",
                transfer=picking.name,
                store=self.store_id.display_name,
            )
        if picking.retail_agreed_by_id:
            return self.env._(
                "%(person)s agreed to %(transfer)s. Where the goods have to stay after "
                "all, cancel the transfer in Inventory and tell %(store)s.",
                person=picking.retail_agreed_by_id.name,
                transfer=picking.name,
                store=self.store_id.display_name,
            )
        return self.env._(
            "%(case)s is over, so nobody waits for an answer. Who works in Inventory "
            "cancels the draft %(transfer)s.",
            case=self.name,
            transfer=picking.name,
        )

    # === WHAT FOLLOWS === #

    def _decline(self, store, reason):
        self.stock_picking_id._note_declined(store, reason)
        self._end_asking_giver(self.env._("The goods stay."))
        self.stock_picking_id.action_cancel()
        self.write(
            {
                "stock_declined_store_ids": [Command.link(store.id)],
                "stock_giver_id": False,
                "stock_picking_id": False,
                "stock_proposal": False,
            }
        )
        declined = self.env._(
            "%(store)s keeps its goods: %(reason)s",
            store=store.display_name,
            reason=reason,
        )
        self.message_post(body=declined)
        self._propose_anew()
        self._tell_who_is_in_need(f"{declined} {self.stock_proposal_note}")
        self._let_followers_go(store)

    def _propose_anew(self):
        """Prepare what the reordering rule says, as long as it asks for goods."""
        if self.stock_level_id and self.stock_level_id._is_low():
            return self._propose_or_tell()
        return self._note_proposal(
            self.env._(
                "The reordering rule asks for these goods no more, so nobody else is "
                "asked."
            )
        )

    def _let_followers_go(self, store):
        """Who was asked or answered followed the case: not beyond what he may read."""
        people = store.manager_id | store.region_id.leader_ids | self.env.user
        gone = people.filtered(lambda user: not self.with_user(user).has_access("read"))
        self.message_unsubscribe(gone.partner_id.ids)

    def _tell_who_is_in_need(self, text):
        """Tell the manager of the store in need, and who works on the case."""
        people = (self.store_id.manager_id | self.user_id).filtered("active")
        if people:
            self.message_notify(
                partner_ids=people.partner_id.ids, subject=self.name, body=text
            )
