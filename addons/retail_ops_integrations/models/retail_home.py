from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import formatLang

from .retail_event_job import FAILED_STATES, OPEN_STATES

WATCHERS = "retail_ops_integrations.group_integrator,retail_ops_core.group_auditor"
BARS = 6
EVENTS_FAILED = [("state", "in", FAILED_STATES)]
# A broken rule waits for a person and is never retried by itself.
EVENTS_BUSINESS = [*EVENTS_FAILED, ("error_class", "=", "business")]
EVENTS_USED_UP = [*EVENTS_FAILED, ("error_class", "!=", "business")]
EVENTS_QUEUED = [("state", "in", OPEN_STATES)]
EVENTS_RETRIED = [("state", "=", "pending"), ("attempts", ">", 0)]
DELIVERIES_DEAD = [("state", "=", "dead")]
DELIVERIES_QUEUED = [("state", "in", ("waiting", "pending", "leased"))]


class RetailHome(models.AbstractModel):
    """*Integrations*: what the doors need from a person, and what mends itself."""

    _inherit = "retail.home"

    @api.model
    def _pages(self, wanted=None):
        pages = super()._pages(wanted)
        if self.env.user.has_groups(WATCHERS):
            pages.insert(0, ("integrations", self.env._("Integrations")))
        return pages

    @api.model
    def _integrations_scope(self, _scope_id):
        return False

    @api.model
    def _integrations_sections(self, _scope):
        return [
            self._doors_tiles(),
            self._doors_in(),
            self._doors_out(),
            self._doors_refused(),
        ]

    @api.model
    def _doors_tiles(self):
        event, delivery = "retail.event.job", "retail.delivery"
        labels = (
            self.env._("Events that broke a rule"),
            self.env._("Events out of attempts"),
            self.env._("Deliveries given up"),
            self.env._("Retried by themselves"),
        )
        return self._section(
            10,
            "now",
            self.env._("Needs you now"),
            shape="tiles",
            figures=self._figures(
                ("events_business", labels[0], event, EVENTS_BUSINESS, "danger"),
                ("events_used_up", labels[1], event, EVENTS_USED_UP, "danger"),
                ("deliveries_dead", labels[2], delivery, DELIVERIES_DEAD, "danger"),
                ("events_retried", labels[3], event, EVENTS_RETRIED),
            ),
        )

    @api.model
    def _doors_in(self):
        queued = self.env._("Events in the queue")
        return self._section(
            20,
            "doors_in",
            self.env._("Coming in"),
            figures=self._figures(
                ("events_queued", queued, "retail.event.job", EVENTS_QUEUED)
            ),
            bars=self._bars_by("retail.event.job", EVENTS_FAILED, "source_id"),
            bars_title=self.env._("Events that need a person, by source"),
            empty=self.env._(
                "No event has failed. One that names an unknown store or breaks a rule "
                "waits here for you; put right what it names, then replay it."
            ),
        )

    @api.model
    def _doors_out(self):
        queued = self.env._("Deliveries in the queue")
        return self._section(
            30,
            "doors_out",
            self.env._("Going out"),
            figures=self._figures(
                ("deliveries_queued", queued, "retail.delivery", DELIVERIES_QUEUED)
            ),
            bars=self._bars_by("retail.delivery", DELIVERIES_DEAD, "endpoint_id"),
            bars_title=self.env._("Deliveries given up, by endpoint"),
            empty=self.env._(
                "Every receiver answers. What an endpoint does not take is tried again "
                "by itself, and stands here when the attempts are used up."
            ),
        )

    @api.model
    def _bars_by(self, model, domain, field):
        """Return the most frequent values of a relation as bars."""
        rows = self.env[model]._read_group(
            domain, [field], ["__count"], order="__count desc", limit=BARS
        )
        return [
            self._figure(
                f"{model}_{found.id}",
                found.sudo().display_name,
                model,
                [*domain, (field, "=", found.id)],
                "danger",
                value=count,
            )
            for found, count in rows
        ]

    @api.model
    def _doors_refused(self):
        """Count the requests of a day that the door refused, by reason."""
        since = fields.Datetime.now() - timedelta(days=1)
        domain = [("hour", ">=", self._moment(since))]
        labels = dict(
            self.env["retail.refusal"]
            ._fields["reason"]
            ._description_selection(self.env)
        )
        rows = self.env["retail.refusal"]._read_group(
            domain, ["reason"], ["count:sum", "__count"], order="count:sum desc"
        )
        return self._section(
            40,
            "refused",
            self.env._("Refused at the door, 24 hours"),
            bars=[
                self._figure(
                    f"refused_{reason}",
                    labels[reason],
                    "retail.refusal",
                    [*domain, ("reason", "=", reason)],
                    value=hours,
                    text=formatLang(self.env, total, digits=0),
                )
                for reason, total, hours in rows[:BARS]
            ],
            empty=self.env._(
                "The door has refused nobody. A wrong signature, a body that does not "
                "fit the schema or too many events are counted here, by reason."
            ),
        )
