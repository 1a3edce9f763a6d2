from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.misc import formatLang

from ..tools import figures

ROWS = 5
SEVERITY_TONES = {"critical": "danger", "high": "warning"}


class RetailHome(models.AbstractModel):
    """The screen that the menu opens: the user's own day, by role.

    A page is a list of sections; a section holds figures, rows, a table or a chart.
    Every figure is counted under the user's own rights and carries the domain that
    opens its records. Addons above add sections to pages, and pages.
    """

    _name = "retail.home"
    _description = "Home Screen"

    @api.model
    def get_home(self, page=None, scope_id=None):
        """Return one page of the user's home screen.

        :param page: ``store``, ``region``, ``headquarters`` or a page of another
            addon; the widest of the user's pages when it is none of his
        :param scope_id: id of the store or region that the page is about
        :return: dict ``{"as_of": UTC text, "page": key, "pages": [{key, title}],
            "scope": {id, title, label, options: [{id, name}]} or False,
            "can_report": bool, "sections": [section]}``
        :raise AccessError: when the user has no page, or may not see the scope
        """
        pages = self._shown_pages(page)
        if not pages:
            raise AccessError(
                self.env._(
                    "You have no role in Retail Ops yet: ask your administrator for "
                    "one."
                )
            )
        page = page if page in dict(pages) else pages[-1][0]
        scope = getattr(self, f"_{page}_scope")(scope_id)
        sections = getattr(self, f"_{page}_sections")(scope)
        return {
            "as_of": fields.Datetime.to_string(fields.Datetime.now()),
            "page": page,
            "pages": [{"key": key, "title": title} for key, title in pages],
            "scope": scope,
            "can_report": self._may("retail.exception", "create"),
            "sections": sorted(sections, key=lambda section: section["sequence"]),
        }

    @api.model
    def _shown_pages(self, wanted=None):
        """Return the pages of the user's roles, and what stands beside them."""
        return self._pages(wanted)

    @api.model
    def _pages(self, wanted=None):
        """Return ``(key, title)`` of the user's pages, from the narrow to the wide.

        :param wanted: the page asked for
        """
        return []

    @api.model
    def _may(self, model, operation="read"):
        return self.env[model].has_access(operation)

    # === Parts of a page === #
    @api.model
    def _section(self, sequence, key, title, **parts):
        """Return one section.

        :param sequence: where on the page; gaps are for other addons
        :param parts: ``all``, the figure behind the whole list; ``figures``, ``rows``,
            ``bars`` with ``bars_title``, ``table``, ``heat``, ``trend``; ``hint``;
            ``empty``, what stands there when there is nothing; ``shape``
        :return: dict
        """
        return {"sequence": sequence, "key": key, "title": title, **parts}

    @api.model
    def _figures(self, *wanted):
        """Return the figures whose records the user may read.

        :param wanted: tuples ``(key, label, model, domain[, tone])``
        """
        return [self._figure(*each) for each in wanted if self._may(each[2])]

    @api.model
    def _figure(self, key, label, model, domain, tone="", **more):
        """Return a count that opens what it counted.

        :param domain: list that the web client reads too
        :param tone: ``danger`` or ``warning`` when it is not zero
        :param more: ``value`` when it is known, ``text`` for what is no plain count,
            ``hint`` how it is counted
        """
        if "value" not in more:
            more["value"] = self.env[model].search_count(domain)
        return {
            "key": key,
            "label": label,
            "model": model,
            "domain": domain,
            "tone": tone,
            **more,
        }

    @api.model
    def _all(self, key, title, model, domain):
        """Return the figure behind a whole list, None without the right to read it."""
        return self._figure(key, title, model, domain) if self._may(model) else None

    @api.model
    def _percent(self, key, label, model, everything, failures, hint):
        """Return a share that opens what failed to reach it.

        Each part is counted by itself, which an index answers; together it might not.

        :param everything: list of domains of what counts; no record is in two of them
        :param failures: list of domains of what counts and failed, likewise
        :param hint: text with ``%(failed)s`` and ``%(all)s``
        """
        count = self.env[model].search_count
        failed, total = sum(map(count, failures)), sum(map(count, everything))
        share = 100.0 * (total - failed) / total if total else None
        return self._figure(
            key,
            label,
            model,
            figures.any_of(*failures),
            value=failed,
            percent=share,
            text=self._percent_text(share),
            hint=hint % {"failed": failed, "all": total},
        )

    @api.model
    def _percent_text(self, share):
        if share is None:
            return "–"
        number = formatLang(self.env, share, digits=1)
        return self.env._("%s %%", number)

    @api.model
    def _row(self, record, title, **more):
        """Return a line that opens its record.

        :param more: ``detail``, ``moment`` with its ``verb``, ``badge``, ``progress``,
            ``buttons``, ``open`` for another record than this
        """
        opens = more.pop("open", record)
        return {
            "key": f"{record._name},{record.id}",
            "model": opens._name,
            "id": opens.id,
            "title": title,
            **more,
        }

    @api.model
    def _button(self, record, label, method):
        return {
            "label": label,
            "model": record._name,
            "id": record.id,
            "method": method,
        }

    @api.model
    def _moment(self, moment):
        return moment and fields.Datetime.to_string(moment)

    # === Rows of exceptions, on every page === #
    @api.model
    def _exception_rows(self, domain, order="effective_due, id", store=None):
        """Return the first lines of exceptions with the one step that comes next.

        :param domain: list domain
        :param store: the retail.store that all are of; it is not named again
        :return: list of rows
        """
        names = ["name", "summary", "severity", "effective_due", "state", "user_id"]
        found = self.env["retail.exception"].search_fetch(
            domain, names, order=order, limit=ROWS
        )
        works = self._may("retail.exception", "write")
        severities = self.env["retail.sla.target"]._severity_labels()
        return [
            self._row(
                exception,
                exception.summary,
                detail=self._exception_detail(exception, store),
                moment=self._moment(exception.effective_due),
                verb="due",
                badge={
                    "text": severities.get(exception.severity, ""),
                    "tone": SEVERITY_TONES.get(exception.severity, "secondary"),
                },
                buttons=self._exception_buttons(exception) if works else [],
            )
            for exception in found
        ]

    @api.model
    def _exception_detail(self, exception, store):
        place = exception.store_id - store if store else exception.store_id
        parts = [exception.name, place.display_name]
        if exception.state == "waiting":
            parts.append(self._waiting_text(exception))
        elif exception.user_id != self.env.user:
            parts.append(exception.user_id.sudo().name)
        return " · ".join(filter(None, parts))

    @api.model
    def _waiting_text(self, exception):
        reasons = dict(
            exception._fields["waiting_reason"]._description_selection(self.env)
        )
        return self.env._("waits for: %s", reasons.get(exception.waiting_reason, ""))

    @api.model
    def _exception_buttons(self, exception):
        """Return the next step: at most one button, for what the user can do now."""
        if exception.waiting_reason == "approval":
            return []
        if exception.user_id != self.env.user:
            return [self._button(exception, self.env._("Take over"), "action_take")]
        if exception.state in ("triaged", "waiting"):
            return [self._button(exception, self.env._("Start"), "action_start")]
        if exception.state == "in_progress" and exception.next_milestone_id:
            step = exception.next_milestone_id.name
            return [self._button(exception, step, "action_next_milestone")]
        if exception.state == "in_progress":
            return [self._button(exception, self.env._("Resolve"), "action_resolve")]
        return []
