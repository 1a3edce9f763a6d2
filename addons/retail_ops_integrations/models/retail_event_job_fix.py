from odoo import fields, models
from odoo.exceptions import UserError

from ..tools import envelope, schema, strict_json

FIXABLE = ("dead", "parked")


class RetailEventJob(models.Model):
    """What a person does with an event that could not be processed."""

    _inherit = "retail.event.job"

    def _correct(self, text, reason):
        """Keep corrected data beside what came, and process the event with it.

        :param text: JSON object, checked as strictly as at the door
        :param reason: text for the ledger
        :return: retail.event.correction
        :raise UserError: the event had an effect, or the data breaks the contract
        """
        self.ensure_one()
        self._check_fixable()
        data = self._checked_data(text)
        correction = (
            self.env["retail.event.correction"]
            .sudo()
            .create(
                {
                    "event_id": self.payload_id.id,
                    "data": envelope.compact(data),
                    "reason": reason,
                    "user_id": self.env.uid,
                    "corrected_at": fields.Datetime.now(),
                }
            )
        )
        self._note(self, "event.corrected", reason)
        self._take_new_key(data)
        self._replay(reason)
        return correction

    def _check_fixable(self):
        if self.state not in FIXABLE:
            raise UserError(
                self.env._(
                    "%s is neither a dead letter nor parked: only what had no effect "
                    "can be corrected. Replay or skip it instead.",
                    self.event_id,
                )
            )

    def _checked_data(self, text):
        try:
            data = strict_json.loads(text.encode())
        except strict_json.StrictJsonError as error:
            raise UserError(self.env._("This is not strict JSON: %s", error)) from error
        if not isinstance(data, dict):
            raise UserError(self.env._("The data must be a JSON object."))
        contract = self._contract()
        errors = contract and schema.errors(contract.schema, data)
        if errors:
            raise UserError(
                self.env._(
                    "The data breaks the contract of %(type)s: %(pointer)s %(detail)s",
                    type=self.type,
                    **errors[0],
                )
            )
        return data

    def _contract(self):
        catalogue = self.env["retail.event.type"]._catalogue()
        return catalogue.get((self.type, self.version))

    def _take_new_key(self, data):
        contract = self._contract()
        pointers = contract.pointers if contract else ()
        self.sudo().ordering_key = envelope.ordering_key(data, pointers, schema.resolve)

    def _replay(self, reason):
        """Replay what still has its payload; see the queue."""
        return super(RetailEventJob, self.sudo().filtered("raw_body"))._replay(reason)

    def _park(self, reason):
        """Set events aside until a person decides; later ones of the key go on.

        :param reason: text for the ledger
        :return: the events that were parked
        """
        parkable = self.filtered(
            lambda job: job.state in ("received", "waiting", "pending", "dead")
        ).sudo()
        parkable.write(
            {
                "state": "parked",
                "reason": reason,
                "error_class": "business",
                "holds_key": False,
                "owner_told": True,
                "finished_at": fields.Datetime.now(),
            }
        )
        self._note(parkable, "event.parked", reason)
        self.env["retail.wakeup"]._wake("retail_ops_integrations.cron_process_inbox")
        return parkable

    # === Actions of users === #
    def action_park(self):
        """Ask why, then set the events aside until a person decides."""
        return self.env["retail.reason"]._ask("event_park", self)

    def action_fix(self):
        """Open the data for correction."""
        self.ensure_one()
        self._check_fixable()
        return self.env["retail.event.fix"]._ask(self)

    def action_show_raw(self):
        """Ask why, then show the payload as it came."""
        self.ensure_one()
        return self.env["retail.raw.payload"]._ask(self)
