import logging
import threading

import psycopg2
from werkzeug.exceptions import HTTPException

from odoo.exceptions import UserError
from odoo.http import Dispatcher
from odoo.tools.misc import real_time

from ..models.retail_door_answer import count_answer
from ..tools import problem

_logger = logging.getLogger(__name__)

PREFIX = "/retail_ops/"
RETRY_SECONDS = "5"


class RetailOpsDispatcher(Dispatcher):
    """Routes whose every error is a problem document, those at commit included."""

    routing_type = "retail_ops"

    @classmethod
    def is_compatible_with(cls, request):
        """Take any content type below our own prefix; the route decides."""
        return request.httprequest.path.startswith(PREFIX)

    def dispatch(self, endpoint, args):
        """Call the endpoint with what stands in the path, nothing else."""
        self.request.params = dict(args)
        return self.request.registry["ir.http"]._dispatch(endpoint)

    def post_dispatch(self, response):
        """Have the answer's time counted once what was sent is committed."""
        super().post_dispatch(response)
        call = getattr(self.request, "retail_ops_call", None)
        if not call:
            return
        cr, began = self.request.env.cr, threading.current_thread().perf_t0
        cr.postcommit.add(
            lambda: count_answer(cr.dbname, call.door.id, real_time() - began)
        )

    def handle_error(self, exc):
        """Answer with a problem (RFC 9457) and count the refusal."""
        refusal = _as_problem(exc)
        self._count(refusal)
        return self.request.make_response(
            problem.dumps(refusal.document),
            headers=[("Content-Type", problem.CONTENT_TYPE), *refusal.headers],
            status=refusal.code,
        )

    def _count(self, refusal):
        call = getattr(self.request, "retail_ops_call", None)
        source_id = call.door.id if call else refusal.source_id
        try:
            self.request.env.cr.rollback()
            self.request.env["retail.refusal"]._count(source_id, refusal.slug)
        except psycopg2.Error:
            _logger.warning("a refused request could not be counted")


def _as_problem(exc):
    """Return the problem for whatever was raised, without its details."""
    if isinstance(exc, problem.Problem):
        return exc
    if isinstance(exc, psycopg2.OperationalError):
        _logger.error("events cannot be stored: %s", exc)
        return problem.Problem(
            "temporarily-unavailable",
            503,
            "nothing was stored: send it again",
            headers=[("Retry-After", RETRY_SECONDS)],
        )
    status = getattr(
        exc, "code" if isinstance(exc, HTTPException) else "http_status", 0
    )
    if isinstance(exc, HTTPException | UserError) and status:
        return problem.Problem(problem.for_status(status), status)
    _logger.error("a request failed", exc_info=exc)
    return problem.Problem("internal-error", 500, "nothing was stored")
