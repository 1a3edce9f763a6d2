"""Two lanes deliver at the same moment, over connections of their own."""

import uuid
from contextlib import ExitStack

from odoo import SUPERUSER_ID, api
from odoo.tests import TransactionCase, tagged

from ..models.retail_delivery_queue import Lane

FILL = """
    WITH endpoint AS (
        INSERT INTO retail_endpoint (
            name, url, company_id, owner_id, environment, body_format, state,
            retry_profile, is_ordered, exhausted_policy, latency_class
        )
        SELECT %(name)s, 'https://receiver.example/', company.id, %(owner)s,
               'production', 'plain', 'active', 'standard', true, 'continue',
               'real_time'
          FROM res_company AS company ORDER BY company.id LIMIT 1
        RETURNING id, company_id
    ), fact AS (
        INSERT INTO retail_outbox (
            message_id, type, version, company_id, data, ordering_key, published_at
        )
        SELECT %(name)s || step, 'exception.resolved', 1, company_id, '{}', 'EXC/1',
               now() AT TIME ZONE 'utc'
          FROM endpoint, generate_series(1, 2) AS step
        RETURNING id
    ), health AS (
        INSERT INTO retail_endpoint_health (
            endpoint_id, trips, window_attempts, window_failures, failures_in_row,
            warned, is_slow
        )
        SELECT id, 0, 0, 0, 0, 0, %(slow)s FROM endpoint
    )
    INSERT INTO retail_delivery (
        outbox_id, endpoint_id, ordering_key, state, attempts, next_at, owner_told
    )
    SELECT fact.id, endpoint.id, 'EXC/1', 'waiting', 0, now() AT TIME ZONE 'utc',
           false
      FROM fact, endpoint ORDER BY fact.id
    RETURNING id, endpoint_id
"""
EMPTY = (
    "DELETE FROM retail_delivery WHERE endpoint_id = %(endpoint)s",
    "DELETE FROM retail_outbox WHERE starts_with(message_id, %(name)s)",
    "DELETE FROM retail_endpoint WHERE id = %(endpoint)s",
)


@tagged("post_install", "-at_install")
class TestLanes(TransactionCase):
    def setUp(self):
        super().setUp()
        self.connections = self.enterContext(ExitStack())

    def connect(self):
        """Return the deliveries, seen from a connection of their own."""
        cr = self.connections.enter_context(self.registry.cursor())
        self.addCleanup(cr.rollback)
        return api.Environment(cr, SUPERUSER_ID, {})["retail.delivery"]

    def waiting(self, slow=False):
        """Commit two letters of one key to an ordered endpoint; return their ids."""
        name = f"lanes-{uuid.uuid4().hex}-"
        with self.registry.cursor() as cr:
            cr.execute(FILL, {"name": name, "owner": SUPERUSER_ID, "slow": slow})
            rows = cr.fetchall()
        self.addCleanup(self.remove, {"name": name, "endpoint": rows[0][1]})
        self.letters = [delivery_id for delivery_id, _endpoint in rows]
        return self.letters

    def remove(self, values):
        self.connections.close()
        with self.registry.cursor() as cr:
            for statement in EMPTY:
                cr.execute(statement, values)

    def begin(self, deliveries):
        """Have a transaction see what there is now, and nothing later."""
        deliveries.env.cr.execute("SELECT count(*) FROM retail_delivery")

    def claim(self, deliveries, token, slow=False):
        """Return those of our letters that a lane takes."""

        def claim():
            # Two lanes in each other's way fail here, instead of waiting for ever.
            deliveries.env.cr.execute("SET LOCAL lock_timeout = '1s'")
            return deliveries._claim(8, Lane(slow, token, {}))

        claimed = deliveries._again_on_collision(claim)
        return [letter for letter in claimed.ids if letter in self.letters]

    def test_one_lane_leaves_the_letters_of_the_other_alone(self):
        first, _second = self.waiting()
        quick, slow = self.connect(), self.connect()
        self.begin(slow)
        self.assertEqual(self.claim(quick, "quick"), [first])
        quick.env.cr.commit()
        self.assertFalse(self.claim(slow, "slow", slow=True))

    def test_two_workers_of_one_lane_take_a_letter_once(self):
        first, _second = self.waiting(slow=True)
        one, other = self.connect(), self.connect()
        self.begin(other)
        self.assertEqual(self.claim(one, "one", slow=True), [first])
        one.env.cr.commit()
        self.assertFalse(self.claim(other, "other", slow=True))

    def test_who_meets_a_claim_under_way_leaves_it_to_the_other(self):
        first, _second = self.waiting(slow=True)
        one, other = self.connect(), self.connect()
        self.assertEqual(self.claim(one, "one", slow=True), [first])
        self.assertFalse(self.claim(other, "other", slow=True))

    def test_an_answer_is_written_down_though_somebody_changed_the_row(self):
        first, _second = self.waiting(slow=True)
        lane, other = self.connect(), self.connect()
        self.claim(lane, "lane", slow=True)
        lane.env.cr.commit()
        self.begin(lane)
        other.env.cr.execute(
            "UPDATE retail_delivery SET owner_told = false WHERE id = %s", (first,)
        )
        other.env.cr.commit()
        lane._again_on_collision(lane._complete, [(first, None)], "lane")
        lane.env.cr.commit()
        self.assertEqual(lane.browse(first).state, "pending")
