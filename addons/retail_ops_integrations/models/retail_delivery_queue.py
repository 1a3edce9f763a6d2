import time
import uuid
from collections import defaultdict
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import UTC
from math import isinf
from typing import NamedTuple

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..tools import backoff, courier
from .retail_delivery import CRON
from .retail_endpoint_health import BURST_SHARE, SLOW_SECONDS

PARALLEL = 8
SHARE = 20
LEASE_SECONDS = 120  # a thread is through in 45
LINGER_SECONDS = 8
POLL_SECONDS = 0.25
TELL_AT_ONCE = 200
COLLISION_TRIES = 5
LOCK_CLAIM = 0x0B0C5
SLOW_CRON = "retail_ops_integrations.cron_deliver_slowly"

UTC_NOW = "(now() AT TIME ZONE 'utc')"
UTC_CLOCK = "(clock_timestamp() AT TIME ZONE 'utc')"

REAP = f"""
    UPDATE retail_delivery AS delivery
       SET state = CASE WHEN attempts >= CASE endpoint.retry_profile
                                         WHEN 'payments' THEN %(payments)s
                                         ELSE %(standard)s END
                        THEN 'dead' ELSE 'pending' END,
           last_error = 'The worker that sent it ended before it had an answer',
           lease_until = NULL, lease_token = NULL, next_at = {UTC_NOW}
      FROM retail_endpoint AS endpoint
     WHERE endpoint.id = delivery.endpoint_id
       AND delivery.state = 'leased' AND delivery.lease_until < {UTC_NOW}
"""  # noqa: S608

# Of an ordered endpoint's facts with one key the first alone is pending. The keys
# are found by a loose index scan: as many steps as there are keys. Each lane touches
# its own endpoints alone, or the two would stand in each other's way.
PROMOTE = f"""
    WITH RECURSIVE keys AS (
        (SELECT endpoint_id, ordering_key FROM retail_delivery
          WHERE state = 'waiting' ORDER BY endpoint_id, ordering_key LIMIT 1)
        UNION ALL
        SELECT following.endpoint_id, following.ordering_key
          FROM keys CROSS JOIN LATERAL (
               SELECT endpoint_id, ordering_key FROM retail_delivery
                WHERE state = 'waiting'
                  AND (endpoint_id, ordering_key)
                      > (keys.endpoint_id, keys.ordering_key)
                ORDER BY endpoint_id, ordering_key LIMIT 1
          ) AS following
    )
    UPDATE retail_delivery SET state = 'pending', next_at = {UTC_NOW}
     WHERE id IN (
        SELECT head.id
          FROM keys
          JOIN retail_endpoint AS endpoint ON endpoint.id = keys.endpoint_id
     LEFT JOIN retail_endpoint_health AS health
            ON health.endpoint_id = endpoint.id
         CROSS JOIN LATERAL (
               SELECT id FROM retail_delivery AS waiting
                WHERE waiting.endpoint_id = keys.endpoint_id
                  AND waiting.ordering_key = keys.ordering_key
                  AND waiting.state = 'waiting'
                ORDER BY id LIMIT 1
         ) AS head
         WHERE endpoint.state = 'active'
           AND COALESCE(health.is_slow, false) = %(slow)s
           AND NOT EXISTS (
               SELECT FROM retail_delivery AS first
                WHERE first.endpoint_id = keys.endpoint_id
                  AND first.ordering_key = keys.ordering_key
                  AND (first.state IN ('pending', 'leased')
                       OR first.state = 'dead'
                          AND endpoint.exhausted_policy = 'hold')
         )
     )
"""  # noqa: S608

CLAIM = f"""
    WITH ready AS MATERIALIZED (
        SELECT delivery.id
          FROM (SELECT endpoint.id,
                       CASE WHEN health.trips > 0 THEN 1
                            WHEN endpoint.rate_per_minute > 0
                            THEN LEAST(%(share)s, GREATEST(0, floor(LEAST(
                                 GREATEST(1, endpoint.rate_per_minute / %(burst)s),
                                 COALESCE(health.tokens + EXTRACT(EPOCH FROM
                                          {UTC_CLOCK} - health.tokens_at)
                                          * endpoint.rate_per_minute / 60,
                                          GREATEST(1, endpoint.rate_per_minute
                                                      / %(burst)s))))))::int
                            ELSE %(share)s END AS share
                  FROM retail_endpoint AS endpoint
             LEFT JOIN retail_endpoint_health AS health
                    ON health.endpoint_id = endpoint.id
                 WHERE endpoint.state = 'active'
                   AND COALESCE(health.is_slow, false) = %(slow)s
                   AND NOT endpoint.id = ANY(%(busy)s::int[])
                   AND COALESCE(health.resting_until <= {UTC_NOW}, true)
                   AND EXISTS (SELECT FROM retail_delivery AS waiting
                                WHERE waiting.endpoint_id = endpoint.id
                                  AND waiting.state = 'pending'
                                  AND waiting.next_at <= {UTC_NOW})
                 ORDER BY random() LIMIT %(free)s) AS endpoint
         CROSS JOIN LATERAL (
               SELECT id FROM retail_delivery
                WHERE endpoint_id = endpoint.id AND state = 'pending'
                  AND next_at <= {UTC_NOW}
                ORDER BY next_at, id LIMIT endpoint.share
                  FOR UPDATE SKIP LOCKED
         ) AS delivery
    )
    UPDATE retail_delivery AS delivery
       SET state = 'leased', attempts = attempts + 1, lease_token = %(token)s,
           lease_until = {UTC_NOW} + make_interval(secs => %(lease)s)
      FROM ready WHERE delivery.id = ready.id
    RETURNING delivery.id
"""  # noqa: S608

COMPLETE = """
    UPDATE retail_delivery AS delivery
       SET state = outcome.state, last_status = outcome.status,
           last_error = outcome.error, owner_told = false,
           attempts = attempts - outcome.unused,
           delivered_at = CASE WHEN outcome.state = 'delivered'
                               THEN clock_timestamp() AT TIME ZONE 'utc' END,
           next_at = (clock_timestamp() AT TIME ZONE 'utc')
                     + make_interval(secs => outcome.delay),
           lease_until = NULL, lease_token = NULL
      FROM unnest(%s::int[], %s::text[], %s::int[], %s::text[], %s::int[],
                  %s::float[]) AS outcome (id, state, status, error, unused, delay)
     WHERE delivery.id = outcome.id AND delivery.lease_token = %s
"""  # noqa: S608

NEXT_DUE = f"""
    SELECT EXTRACT(EPOCH FROM min(GREATEST(due.next_at, health.resting_until))
                              - {UTC_NOW})
      FROM retail_endpoint AS endpoint
 LEFT JOIN retail_endpoint_health AS health ON health.endpoint_id = endpoint.id
     CROSS JOIN LATERAL (
           SELECT next_at FROM retail_delivery
            WHERE endpoint_id = endpoint.id AND state = 'pending'
            ORDER BY next_at, id LIMIT 1
     ) AS due
     WHERE endpoint.state = 'active' AND COALESCE(health.is_slow, false) = %s
"""  # noqa: S608


class Lane(NamedTuple):
    """One run of one Scheduled Action.

    slow: bool, which endpoints it serves; token: text that fences its leases off from
    those of all other runs; under_way: dict of futures to endpoint ids.
    """

    slow: bool
    token: str
    under_way: dict


class RetailDelivery(models.Model):
    """The Scheduled Actions that empty the outbox.

    Endpoints are served side by side, each by one thread that posts its letters in
    turn. Those that answer slowly have a Scheduled Action of their own: whoever is
    quick waits for nobody. Threads do no database work; no transaction is open while
    they post.
    """

    _inherit = "retail.delivery"

    @api.model
    def _deliver_outbox(self):
        """Send what is due until nothing is left or the time is up.

        Called by the Scheduled Action “Integrations: deliver outbox”. Several may
        run at once, here or on other hosts.
        """
        if self.env["retail.counterpart"]._database_is_neutralized():
            return
        self._again_on_collision(self._recover)
        self._deliver_lane(slow=False)
        if self._due_in(slow=True) is not None:
            self.env["retail.wakeup"]._wake(SLOW_CRON)
        self._tell_owners()
        self.env["retail.endpoint.health"]._warn_owners()

    @api.model
    def _deliver_slowly(self):
        """Send to endpoints that take long, beside the others.

        Called by the Scheduled Action “Integrations: deliver to slow endpoints”.
        """
        if not self.env["retail.counterpart"]._database_is_neutralized():
            self._deliver_lane(slow=True)

    @api.model
    def _deliver_lane(self, slow):
        """Serve the quick endpoints, or the slow ones.

        When the time is up, others are served on while a letter that was begun
        before still waits for its answer.
        """
        seconds_left = self.env["ir.cron"]._commit_progress()
        lane = Lane(slow, uuid.uuid4().hex, {})
        stragglers = None
        with ThreadPoolExecutor(PARALLEL) as threads:
            while True:
                if seconds_left or stragglers:
                    self._hand_out(threads, lane)
                worked = bool(lane.under_way)
                seconds_left = self._collect(lane)
                if not seconds_left:
                    begun = lane.under_way.keys()
                    stragglers = begun & (begun if stragglers is None else stragglers)
                if lane.under_way or (seconds_left and worked):
                    continue  # what was taken may have let others go
                if not seconds_left or not self._linger(lane, seconds_left):
                    break
        if not seconds_left:
            # Odoo goes on by itself too, but notices after its next minute only.
            self.env["retail.wakeup"]._wake(SLOW_CRON if slow else CRON)
        self.env["ir.cron"]._commit_progress(remaining=0 if seconds_left else 1)

    @api.model
    def _recover(self):
        """Take back what crashed workers hold, and what waits for no order."""
        schedules = backoff.SCHEDULES.items()
        limits = {name: len(steps) for name, steps in schedules}
        self.env.cr.execute(REAP, limits, log_exceptions=False)
        unordered = self.search(
            [("state", "=", "waiting"), ("endpoint_id.is_ordered", "=", False)]
        )
        unordered.sudo().state = "pending"

    @api.model
    def _hand_out(self, threads, lane):
        """Claim letters for idle endpoints and give each bundle to a thread."""
        bundles = self._again_on_collision(self._take, lane)
        for endpoint, bundle in bundles:
            lane.under_way[threads.submit(courier.deliver, bundle)] = endpoint.id

    @api.model
    def _take(self, lane):
        """Claim letters for idle endpoints; return list of (endpoint, bundle)."""
        deliveries = self._claim(PARALLEL - len(lane.under_way), lane)
        bundles = [
            (endpoint, mine._bundle(endpoint, None if lane.slow else SLOW_SECONDS))
            for endpoint, mine in deliveries.grouped("endpoint_id").items()
        ]
        deliveries._spend()
        self.env["ir.cron"]._commit_progress(remaining=len(deliveries))
        return bundles

    @api.model
    def _again_on_collision(self, step, *arguments):
        """Do a step of its own transaction, again when another one was in its way.

        What is under way is never given up for that: its answers would be lost and
        the letters sent twice.

        :param step: function; the transaction holds nothing else
        :return: what the step returns
        """
        for left in reversed(range(COLLISION_TRIES)):
            try:
                return step(*arguments)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                if not left:
                    raise
                self.env.cr.rollback()

    @api.model
    def _claim(self, free, lane):
        """Lease a share of what is due for each of some endpoints.

        :param free: int, how many endpoints
        :param lane: :class:`Lane`
        :return: retail.delivery, leased
        """
        if not free or not self._is_alone(lane):
            return self.browse()
        values = {
            "slow": lane.slow,
            "busy": list(lane.under_way.values()),
            "free": free,
            "share": SHARE,
            "burst": BURST_SHARE,
            "token": lane.token,
            "lease": LEASE_SECONDS,
        }
        # A collision is tried again: it is no line for the log.
        self.env.cr.execute(PROMOTE, values, log_exceptions=False)
        self.env.cr.execute(CLAIM, values, log_exceptions=False)
        claimed = sorted(delivery_id for (delivery_id,) in self.env.cr.fetchall())
        self.invalidate_model()
        return self.browse(claimed)

    @api.model
    def _is_alone(self, lane):
        """Tell whether no other worker claims in this lane at this moment."""
        self.env.cr.execute(
            "SELECT pg_try_advisory_xact_lock(%s, %s)", (LOCK_CLAIM, int(lane.slow))
        )
        return self.env.cr.fetchone()[0]

    def _spend(self):
        """Take the letters out of the token bucket of endpoints that have one."""
        for endpoint, mine in self.grouped("endpoint_id").items():
            if endpoint.rate_per_minute:
                health = self.env["retail.endpoint.health"]._of(endpoint)
                health._spend(len(mine), endpoint.rate_per_minute)

    def _bundle(self, endpoint, patience=None):
        """Return all that a thread needs to post these letters.

        :param patience: seconds; an answer that takes longer ends the bundle
        """
        return courier.Bundle(
            url=endpoint.url,
            keys=endpoint._signing_key_records()._signing_keys(),
            content_type=courier.CONTENT_TYPES[endpoint.body_format],
            allowances=self.env["retail.egress.rule"]._allowances(),
            patience=patience,
            letters=[
                courier.Letter(
                    delivery.id,
                    delivery.message_id,
                    delivery.outbox_id._written(endpoint.body_format),
                )
                for delivery in self
            ],
        )

    @api.model
    def _collect(self, lane):
        """Write down what the threads that are through have met with.

        :return: float, seconds left for this run
        """
        if lane.under_way:
            ready, _others = wait(
                lane.under_way, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED
            )
            for future in ready:
                del lane.under_way[future]
                self._again_on_collision(self._complete, future.result(), lane.token)
                self.env["ir.cron"]._commit_progress(len(future.result()))
        return self.env["ir.cron"]._commit_progress()

    @api.model
    def _linger(self, lane, seconds_left):
        """Wait a moment when something is due within this run; tell whether."""
        due_in = self._due_in(lane.slow)
        self.env["ir.cron"]._commit_progress()
        soon = min(LINGER_SECONDS, 0 if isinf(seconds_left) else seconds_left)
        if due_in is None or due_in > soon:
            return False
        time.sleep(POLL_SECONDS)
        return True

    @api.model
    def _due_in(self, slow):
        """Return the seconds until something is due in a lane, None for nothing."""
        self.env.cr.execute(NEXT_DUE, (slow,))
        return self.env.cr.fetchone()[0]

    # === Completing === #
    @api.model
    def _complete(self, results, token):
        """Write the attempts and what is to happen next.

        :param results: list of (delivery id, transport.Reply or None); None was
            not tried
        :param token: the lease's; what another worker took over is left alone
        """
        deliveries = self.browse(delivery_id for delivery_id, _reply in results)
        outcomes = [
            delivery._outcome_row(reply)
            for delivery, (_id, reply) in zip(deliveries, results, strict=True)
        ]
        deliveries._log_attempts([reply for _id, reply in results])
        columns = [list(column) for column in zip(*outcomes, strict=True)]
        self.env.cr.execute(COMPLETE, [*columns, token], log_exceptions=False)
        self.invalidate_model()
        deliveries._learn([reply for _id, reply in results])
        self._heed_gone(results)

    def _outcome_row(self, reply):
        """Return id, state, status, error, attempts given back, delay."""
        if reply is None:
            return (self.id, "pending", None, self.last_error or None, 1, 0.0)
        if courier.is_success(reply):
            return (self.id, "delivered", reply.status, None, 0, 0.0)
        schedule = backoff.SCHEDULES[self.endpoint_id.retry_profile]
        delay = backoff.delay(schedule, self.attempts)
        error = reply.error or self.env._("The receiver answered %s", reply.status)
        if delay is None or reply.error_class == "blocked":
            return (self.id, "dead", reply.status, error, 0, 0.0)
        overloaded = reply.status in (429, 502, 503, 504)
        delay = backoff.longest_wait(
            delay,
            backoff.retry_after(reply.retry_after, self._unix_now()),
            backoff.OVERLOADED_DELAY if overloaded else None,
        )
        return (self.id, "pending", reply.status, error, 0, float(delay))

    def _log_attempts(self, replies):
        """Insert one row for each attempt that was made, at once.

        :param replies: list aligned with ``self``, None where nothing was tried
        """
        self.env["retail.delivery.attempt"].sudo().create(
            [
                {
                    "delivery_id": delivery.id,
                    "number": delivery.attempts,
                    "attempted_at": self.env.cr.now().replace(microsecond=0),
                    "status": reply.status,
                    "seconds": reply.duration,
                    "error_class": _error_class(reply),
                    "error": reply.error,
                    "response": reply.body,
                }
                for delivery, reply in zip(self, replies, strict=True)
                if reply
            ]
        )

    @api.model
    def _unix_now(self):
        return self.env.cr.now().replace(tzinfo=UTC).timestamp()

    def _learn(self, replies):
        """Have each endpoint's health take in what came of its letters.

        :param replies: list aligned with ``self``, None where nothing was tried
        """
        of_endpoint = defaultdict(list)
        for delivery, reply in zip(self, replies, strict=True):
            if reply:
                of_endpoint[delivery.endpoint_id].append(reply)
        for endpoint, tried in of_endpoint.items():
            self.env["retail.endpoint.health"]._of(endpoint)._learn(tried)

    @api.model
    def _heed_gone(self, results):
        """Disable an endpoint that answered 410."""
        gone = self.browse(
            delivery_id
            for delivery_id, reply in results
            if reply and reply.status == 410
        )
        for endpoint in gone.endpoint_id:
            reason = self.env._("The receiver answered 410: it is gone for good")
            endpoint._set_disabled(reason)
            endpoint._ask_for_attention(len(gone), reason)

    # === Telling people === #
    @api.model
    def _tell_owners(self):
        """Give each endpoint's owner one activity about what was given up."""
        dead = self.search(
            [("state", "=", "dead"), ("owner_told", "=", False)], limit=TELL_AT_ONCE
        )
        for endpoint, deliveries in dead.grouped("endpoint_id").items():
            endpoint._ask_for_attention(len(deliveries), deliveries[0].last_error)
        dead.sudo().owner_told = True


def _error_class(reply):
    if reply.error_class or 200 <= reply.status < 300:
        return reply.error_class
    return "status"
