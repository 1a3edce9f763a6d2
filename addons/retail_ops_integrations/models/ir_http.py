from werkzeug.exceptions import MethodNotAllowed, NotFound

from odoo import models
from odoo.http import request

DOORS = "/retail_ops/v1/"


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _match(cls, path_info):
        """Let the doors answer for every address below theirs.

        A route takes no control characters and no empty end: without this, such an
        address would get Odoo's page instead of a problem document.
        """
        try:
            return super()._match(path_info)
        except (NotFound, MethodNotAllowed):
            if not path_info.startswith(DOORS):
                raise
            rule, arguments = super()._match(DOORS + "nothing-here")
            return rule, {**arguments, "rest": path_info.removeprefix(DOORS)}

    @classmethod
    def _auth_method_retail_ops(cls):
        """Let in who proves to be an active source; see retail.source."""
        request.session.can_save = False
        call = request.env["retail.source"]._authenticate_call(request.httprequest)
        request.retail_ops_call = call
        request.update_env(user=call.door.user_id)
