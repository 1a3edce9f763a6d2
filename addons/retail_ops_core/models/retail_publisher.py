from odoo import api, models


class RetailPublisher(models.AbstractModel):
    _name = "retail.publisher"
    _description = "Publisher of business facts"

    @api.model
    def _publish(self, topic, data, *, company, correlation_id, key):
        """Tell whoever listens that a business fact happened.

        Called inside the business transaction; what listens writes its outbox
        row there too, so that fact and message live or die together. Nobody
        listens in this addon.

        :param topic: dot-separated event type, such as ``exception.resolved``
        :param data: JSON-able dict, the fact itself
        :param company: res.company the fact belongs to
        :param correlation_id: text that ties all hops of one case together
        :param key: ordering key; facts of one key stay in order
        """
