from datetime import UTC

from odoo import api, fields, models

from ..tools import backoff, breaker, courier

UNREACHABLE_SECONDS = 5
SLOW_SECONDS = 2  # who takes longer to answer is served beside the others
WARNINGS = (50, 70, 90, 100)
MIN_FAILURES_TO_DISABLE = 10
BURST_SHARE = 6  # the bucket holds a sixth of a minute's worth

REST_REASONS = [
    ("unreachable", "Could not be reached"),
    ("asked", "The receiver asks to wait"),
    ("breaker", "Too many failures: one letter is tried after the pause"),
    ("rate", "Its rate is used up"),
]

ENSURE = """
    INSERT INTO retail_endpoint_health (
        endpoint_id, trips, window_attempts, window_failures, failures_in_row, warned
    )
    SELECT id, 0, 0, 0, 0, 0 FROM unnest(%s::int[]) AS endpoint (id)
        ON CONFLICT (endpoint_id) DO NOTHING
"""

SPEND = """
    UPDATE retail_endpoint_health AS health
       SET tokens = bucket.level, tokens_at = clock_timestamp() AT TIME ZONE 'utc',
           resting_until = CASE WHEN bucket.level < 1
                                THEN (clock_timestamp() AT TIME ZONE 'utc')
                                     + make_interval(secs => (1 - bucket.level) * 60
                                                             / %(rate)s)
                                ELSE resting_until END,
           rest_reason = CASE WHEN bucket.level < 1 THEN 'rate'
                              ELSE rest_reason END
      FROM (SELECT id, LEAST(
                       GREATEST(1, %(rate)s / %(burst)s),
                       COALESCE(tokens, GREATEST(1, %(rate)s / %(burst)s))
                       + COALESCE(EXTRACT(EPOCH FROM
                             (clock_timestamp() AT TIME ZONE 'utc') - tokens_at), 0)
                         * %(rate)s / 60
                   ) - %(count)s AS level
              FROM retail_endpoint_health WHERE endpoint_id = %(endpoint_id)s
           ) AS bucket
     WHERE health.id = bucket.id
"""


class RetailEndpointHealth(models.Model):
    """How an endpoint is doing; workers write it, beside what people edit."""

    _name = "retail.endpoint.health"
    _description = "Health of an endpoint"
    _log_access = False
    _allow_sudo_commands = False

    endpoint_id = fields.Many2one(
        "retail.endpoint", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="endpoint_id.company_id")
    resting_until = fields.Datetime(readonly=True)
    rest_reason = fields.Selection(REST_REASONS, readonly=True)
    trips = fields.Integer(readonly=True, help="How often the breaker opened in a row.")
    window_at = fields.Datetime(readonly=True)
    window_attempts = fields.Integer(readonly=True)
    window_failures = fields.Integer(readonly=True)
    is_slow = fields.Boolean(
        readonly=True,
        help="Answered in more than two seconds: served by the Scheduled Action for "
        "slow endpoints, so that the others do not wait.",
    )
    tokens = fields.Float(readonly=True)
    tokens_at = fields.Datetime(readonly=True)
    last_success_at = fields.Datetime(readonly=True)
    failing_since = fields.Datetime(
        readonly=True, help="The first failure since it last took a letter."
    )
    failures_in_row = fields.Integer(readonly=True)
    warned = fields.Integer(
        readonly=True, help="Percent of the time to disabling its owner was told of."
    )

    _endpoint_unique = models.UniqueIndex(
        "(endpoint_id)", "An endpoint has one health."
    )

    @api.model
    def _of(self, endpoints):
        """Return the health of endpoints, made where it is missing.

        :param endpoints: retail.endpoint
        """
        self.env.cr.execute(ENSURE, (endpoints.ids,))
        return self.sudo().search([("endpoint_id", "in", endpoints.ids)])

    def _spend(self, count, rate):
        """Take letters out of the endpoint's token bucket, on the database's clock.

        :param count: int, letters
        :param rate: int, letters a minute
        """
        self.ensure_one()
        values = {
            "endpoint_id": self.endpoint_id.id,
            "count": count,
            "rate": float(rate),
            "burst": BURST_SHARE,
        }
        self.env.cr.execute(SPEND, values)
        self.invalidate_recordset()

    # === Learning === #
    def _learn(self, replies):
        """Take in what came of some attempts at one endpoint.

        :param replies: list of transport.Reply
        """
        self.ensure_one()
        now = self._clock()
        succeeded = sum(courier.is_success(reply) for reply in replies)
        failed = len(replies) - succeeded
        judged = breaker.judge(self._breaker(), now, succeeded, failed)
        self.write(
            {
                "trips": judged.trips,
                "is_slow": max(reply.duration for reply in replies) > SLOW_SECONDS,
                "window_at": judged.window_at,
                "window_attempts": judged.attempts,
                "window_failures": judged.failures,
                **self._streak(replies, now),
                **self._rest(replies, judged, now),
            }
        )

    @api.model
    def _clock(self):
        self.env.cr.execute("SELECT clock_timestamp() AT TIME ZONE 'utc'")
        return self.env.cr.fetchone()[0].replace(microsecond=0)

    def _breaker(self):
        return breaker.Breaker(
            self.trips,
            self.window_at or None,
            self.window_attempts,
            self.window_failures,
        )

    def _streak(self, replies, now):
        """Return since when, and how often in a row, nothing was taken."""
        trailing = 0
        for reply in reversed(replies):
            if courier.is_success(reply):
                return {
                    "last_success_at": now,
                    "failing_since": now if trailing else False,
                    "failures_in_row": trailing,
                    "warned": 0,
                }
            trailing += 1
        return {
            "failing_since": self.failing_since or now,
            "failures_in_row": self.failures_in_row + trailing,
        }

    def _rest(self, replies, judged, now):
        """Return until when nothing is sent, and why: the longest pause counts."""
        unix = now.replace(tzinfo=UTC).timestamp()
        pauses = [(breaker.pause(judged.trips), "breaker")]
        for reply in replies:
            if reply.error_class in courier.GIVE_WAY:
                pauses.append((UNREACHABLE_SECONDS, "unreachable"))
            if courier.asks_to_wait(reply):
                asked = backoff.retry_after(reply.retry_after, unix)
                pauses.append((asked or backoff.OVERLOADED_DELAY, "asked"))
        seconds, reason = max(pauses)
        if not seconds:
            return {} if self.rest_reason == "rate" else self._rested()
        return {
            "resting_until": fields.Datetime.add(now, seconds=int(seconds)),
            "rest_reason": reason,
        }

    @api.model
    def _rested(self):
        return {"resting_until": False, "rest_reason": False}

    def _forgive(self):
        """Begin anew, as when a person activates the endpoint."""
        self.write(
            {
                **self._rested(),
                "trips": 0,
                "is_slow": False,
                "window_at": False,
                "failing_since": False,
                "failures_in_row": 0,
                "warned": 0,
            }
        )

    # === Giving up === #
    @api.model
    def _warn_owners(self):
        """Tell owners of endpoints that only fail, and disable them at the end.

        One step at a run: nobody is disabled without having been warned.
        """
        now = self._clock()
        failing = self.sudo().search(
            [("failing_since", "!=", False), ("endpoint_id.state", "=", "active")]
        )
        for health in failing:
            health._warn_owner(now)

    def _warn_owner(self, now):
        hours = self.endpoint_id.disable_after_hours
        if not hours or self.failures_in_row < MIN_FAILURES_TO_DISABLE:
            return
        percent = (now - self.failing_since).total_seconds() / (hours * 36)
        due = next((step for step in WARNINGS if step > self.warned), None)
        if not due or percent < due:
            return
        self.warned = due
        if due == 100:
            return self._give_up(hours)
        self.endpoint_id._warn_owner(
            self.env._(
                "Nothing was taken for %(percent)s %% of the %(hours)s hours after "
                "which it is disabled.",
                percent=due,
                hours=hours,
            )
        )

    def _give_up(self, hours):
        reason = self.env._("Nothing was taken for %s hours", hours)
        self.endpoint_id._set_disabled(reason)
        self.endpoint_id._warn_owner(reason)
