"""Deliveries under everything that can happen to them, in any order, by machine."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from odoo.tests import tagged

from ..models.retail_delivery_queue import Lane
from ..tools import backoff, transport
from .common import IntegrationCase

EXAMPLES, STEPS = 8, 25
KEYS = st.lists(st.sampled_from((None, "EXC/1", "EXC/2")), min_size=1, max_size=3)
REPLIES = {
    "taken": transport.Reply(204, "", None, None, None, 0.1),
    "refused": transport.Reply(500, "", None, None, None, 0.1),
    "overloaded": transport.Reply(429, "", "60", None, None, 0.1),
    "gone": transport.Reply(410, "", None, None, None, 0.1),
    "late": transport.Reply(0, "", None, "no answer", "timeout", 15.0),
    "blocked": transport.Reply(0, "", None, "not public", "blocked", 0.0),
    "untried": None,
}
# Most are taken or refused: an endpoint that is gone ends the interesting part.
ANSWERS = st.lists(
    st.sampled_from(("taken", "taken", "taken", "refused", "refused", *REPLIES)),
    min_size=20,
    max_size=20,
)
ENDED = ("delivered", "dead", "cancelled")


class DeliveryMachine(RuleBasedStateMachine):
    """Two endpoints, one of them in order, and workers that crash and come back.

    ``case`` is the Odoo test whose database is used; each run is rolled back.
    """

    case = None
    reached = set()  # states that deliveries were seen in, over all runs

    def __init__(self):
        super().__init__()
        self.cr = self.case.env.cr
        self.start = self.cr.savepoint(flush=True)
        self.published = 0
        self.workers = []  # (token, ids): whoever may still come with an answer
        self.holder = {}  # delivery id -> token of its lease
        self.delivered = set()
        self.resent = set()
        self.last_of_key = {}

    def teardown(self):
        try:
            self.all_is_well_at_last()
        finally:
            self.start.rollback()
            self.start.close(rollback=False)
            self.case.env.invalidate_all()
            self.case.env.registry.clear_cache()

    @property
    def deliveries(self):
        endpoints = self.case.plain | self.case.ordered
        deliveries = self.case.env["retail.delivery"]
        return deliveries.search([("endpoint_id", "in", endpoints.ids)])

    # === What happens === #
    @rule(keys=KEYS)
    def publish(self, keys):
        for key in keys:
            self.case.publish(key=key)
        self.published += len(keys)

    @rule()
    def claim(self):
        """Have two workers take what is due, one for each lane."""
        for slow in (False, True):
            self._claim(f"worker-{len(self.workers)}", slow)

    def _claim(self, token, slow):
        claimed = self.case.env["retail.delivery"]._claim(8, Lane(slow, token, {}))
        for delivery in claimed:
            assert delivery.id not in self.holder, "two workers hold it"
            assert delivery.endpoint_id.state == "active"
            self.holder[delivery.id] = token
        if claimed:
            self.workers.append((token, claimed.ids))

    @precondition(lambda self: self.workers)
    @rule(which=st.integers(0, 30), answers=ANSWERS)
    def answer(self, which, answers):
        """Have a worker come back, perhaps long after it lost its lease."""
        token, ids = self.workers[which % len(self.workers)]
        answers = [answers[place % 20] for place in range(len(ids))]
        replies = [REPLIES[name] for name in answers]
        self._complete(token, ids, replies)

    @precondition(lambda self: self.published)
    @rule(answers=ANSWERS)
    def a_worker_hangs_and_comes_back_too_late(self, answers):
        self.time_passes()
        self.claim()
        self.leases_run_out()
        if self.workers:
            self.answer(len(self.workers) - 1, answers)

    @precondition(lambda self: self.published)
    @rule(answers=ANSWERS)
    def a_round_goes_well(self, answers):
        self.time_passes()
        self.claim()
        if self.workers:
            self.answer(len(self.workers) - 1, answers)

    def _complete(self, token, ids, replies):
        before = self.states()
        results = list(zip(ids, replies, strict=True))
        self.case.env["retail.delivery"]._complete(results, token)
        after = self.states()
        for delivery_id, reply in results:
            if self.holder.get(delivery_id) != token:
                assert after[delivery_id] == before[delivery_id], "a stale answer"
                continue
            del self.holder[delivery_id]
            if reply and reply.status == 204:
                self.note_delivered(delivery_id)

    def note_delivered(self, delivery_id):
        """Remember what was taken, and that it was its turn."""
        delivery = self.case.env["retail.delivery"].browse(delivery_id)
        self.delivered.add(delivery_id)
        key = delivery.endpoint_id == self.case.ordered and delivery.ordering_key
        if key and delivery_id not in self.resent:
            assert delivery_id > self.last_of_key.get(key, 0), "out of turn"
            self.last_of_key[key] = delivery_id

    @precondition(lambda self: self.workers)
    @rule()
    def leases_run_out(self):
        self.cr.execute(
            "UPDATE retail_delivery SET lease_until = lease_until - interval '1 day'"
            " WHERE state = 'leased'"
        )
        self.case.env.invalidate_all()
        self.case.env["retail.delivery"]._recover()
        self.case.env.invalidate_all()
        self.holder.clear()

    @precondition(lambda self: self.workers)
    @rule()
    def time_passes(self):
        self.cr.execute(
            "UPDATE retail_delivery SET next_at = next_at - interval '40 days'"
        )
        self.cr.execute("UPDATE retail_endpoint_health SET resting_until = NULL")
        self.case.env.invalidate_all()

    @precondition(lambda self: self.workers)
    @rule()
    def send_again(self):
        again = self.deliveries._resend("asked for")
        self.resent.update(again.ids)
        self.delivered.difference_update(again.ids)

    @precondition(lambda self: self.published)
    @rule(place=st.integers(0, 5))
    def cancel(self, place):
        self.deliveries[place : place + 1]._cancel("not needed")

    @rule(is_ordered=st.booleans())
    def disable(self, is_ordered):
        (self.case.ordered if is_ordered else self.case.plain)._set_disabled("test")

    @precondition(
        lambda self: (self.case.ordered | self.case.plain).filtered("disabled_reason")
    )
    @rule()
    def activate(self):
        (self.case.ordered | self.case.plain).action_activate()

    # === What holds at any time === #
    def states(self):
        self.case.env.flush_all()
        self.cr.execute(
            "SELECT id, state, attempts, lease_token FROM retail_delivery"
            " WHERE endpoint_id = ANY(%s)",
            ((self.case.ordered | self.case.plain).ids,),
        )
        return {row[0]: row[1:] for row in self.cr.fetchall()}

    @invariant()
    def each_fact_stands_once_for_each_endpoint(self):
        assert len(self.states()) == 2 * self.published

    @invariant()
    def who_has_it_is_who_claimed_it_last(self):
        rows = self.states()
        self.reached.update(state for state, _attempts, _token in rows.values())
        leased = {id_: token for id_, (state, _n, token) in rows.items() if token}
        assert leased == self.holder
        for state, attempts, token in rows.values():
            assert bool(token) == (state == "leased")
            assert 0 <= attempts <= len(backoff.DELIVERY_SCHEDULE)

    @invariant()
    def delivered_is_what_a_receiver_took(self):
        rows = self.states()
        assert {i for i, row in rows.items() if row[0] == "delivered"} == self.delivered

    @invariant()
    def of_a_key_in_order_one_alone_is_on_its_way(self):
        self.cr.execute(
            "SELECT ordering_key FROM retail_delivery WHERE endpoint_id = %s"
            " AND ordering_key IS NOT NULL AND state IN ('pending', 'leased')"
            " GROUP BY ordering_key HAVING count(*) > 1",
            (self.case.ordered.id,),
        )
        assert not self.cr.fetchall()

    def all_is_well_at_last(self):
        """Once workers live and receivers take all, nothing is left behind."""
        (self.case.ordered | self.case.plain).action_activate()
        self.leases_run_out()
        for _round in range(4 * self.published):
            if self.all_have_ended():
                break
            self.time_passes()
            before = len(self.workers)
            self.claim()
            for token, ids in self.workers[before:]:
                self._complete(token, ids, [REPLIES["taken"]] * len(ids))
        self.delivered_is_what_a_receiver_took()
        assert self.all_have_ended()

    def all_have_ended(self):
        return {row[0] for row in self.states().values()} <= {*ENDED}


@tagged("post_install", "-at_install")
class TestDeliveryMachine(IntegrationCase):
    def test_nothing_is_lost_doubled_or_out_of_turn_whatever_happens(self):
        values = {"disable_after_hours": 0}
        self.plain, _secret = self.create_endpoint("http://127.0.0.1:9/", **values)
        self.ordered, _secret = self.create_endpoint(
            "http://127.0.0.1:9/", is_ordered=True, **values
        )
        DeliveryMachine.case = self
        run_state_machine_as_test(
            DeliveryMachine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
        self.assertLessEqual(
            {"waiting", "pending", "leased", *ENDED}, DeliveryMachine.reached
        )
