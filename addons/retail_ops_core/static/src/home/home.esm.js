import {Component, onWillStart, useExternalListener, useRef, useState} from "@odoo/owl";
import {ConnectionLostError, RPCError} from "@web/core/network/rpc";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {deserializeDate, deserializeDateTime} from "@web/core/l10n/dates";
import {formatInteger} from "@web/views/fields/formatters";
import {is24HourFormat} from "@web/core/l10n/time";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useEveryMinute} from "./every_minute.esm";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {user} from "@web/core/user";

const {DateTime} = luxon;
const STARTED = "started";
const CHART = {width: 560, height: 120};

/** The screen that the menu opens: the user's own day, by role. */
export class RetailHome extends Component {
    static template = "retail_ops_core.Home";
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.ui = useService("ui");
        this.tours = useService("tour_service");
        this.root = useRef("root");
        this.chart = CHART;
        this.state = useState({home: null, isOffline: false, isBusy: false, said: ""});
        useSetupAction({rootRef: this.root, getLocalState: () => this.place});
        useExternalListener(window, "online", () => this.refresh());
        useEveryMinute(() => this.state.isBusy || this.refresh());
        onWillStart(() => this.start());
    }

    // What is shown, and when it was true

    get memory() {
        return `retail_ops_home_${user.userId}`;
    }

    get place() {
        const {home} = this.state;
        return home ? {page: home.page, scopeId: home.scope && home.scope.id} : {};
    }

    /** The page that a menu names; the one of last time is for the menu of the day. */
    get asked() {
        const {page} = this.props.action.params || {};
        return page && {page};
    }

    get title() {
        const {page, pages} = this.state.home;
        return pages.find(({key}) => key === page).title;
    }

    get hasChoice() {
        const {scope} = this.state.home;
        const real = scope ? scope.options.filter(({id}) => id) : [];
        return real.length > 1;
    }

    get asOf() {
        return this.exactly({moment: this.state.home.as_of});
    }

    async start() {
        const kept = JSON.parse(browser.localStorage.getItem(this.memory) || "{}");
        const {page, scopeId} = this.props.state || this.asked || kept;
        try {
            await this.load(page, scopeId);
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            // What was open last time may have gone to others since.
            browser.localStorage.removeItem(this.memory);
            await this.load();
        }
    }

    /** Only the page that was asked for last is shown, whichever answers last. */
    async load(page = false, scopeId = false) {
        this.state.isBusy = true;
        this.asking = (this.asking || 0) + 1;
        const mine = this.asking;
        try {
            const home = await this.orm.silent.call("retail.home", "get_home", [
                page,
                scopeId,
            ]);
            if (mine === this.asking) {
                this.state.home = home;
                this.state.isOffline = false;
            }
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            this.state.isOffline = true;
        } finally {
            this.state.isBusy = false;
        }
    }

    refresh() {
        const {page, scopeId} = this.place;
        return this.load(page, scopeId);
    }

    async show(page, scopeId = false) {
        await this.load(page, scopeId);
        if (page !== STARTED) {
            browser.localStorage.setItem(this.memory, JSON.stringify(this.place));
        }
    }

    onPickScope(event) {
        return this.show(this.state.home.page, Number(event.target.value) || false);
    }

    // How moments and figures read

    clock(moment) {
        return moment.toFormat(is24HourFormat() ? "HH:mm" : "h:mm a");
    }

    when(row) {
        const moment = deserializeDateTime(row.moment);
        const relative = moment.toRelative();
        if (row.verb === "filed") {
            return _t("Filed %s", relative);
        }
        if (row.verb === "starts") {
            return this.isPast(row)
                ? _t("Started %s", relative)
                : _t("Starts %s", relative);
        }
        return row.verb === "ends" ? _t("Ends %s", relative) : _t("Due %s", relative);
    }

    exactly(row) {
        const moment = deserializeDateTime(row.moment);
        return moment.hasSame(DateTime.now(), "day")
            ? this.clock(moment)
            : `${this.weekday(moment)} ${this.clock(moment)}`;
    }

    isPast(row) {
        return deserializeDateTime(row.moment) < DateTime.now();
    }

    isLate(row) {
        return row.verb === "due" && this.isPast(row);
    }

    day(text) {
        return this.weekday(deserializeDate(text));
    }

    weekday(moment) {
        return moment.toLocaleString({weekday: "short", day: "numeric", month: "short"});
    }

    text(figure) {
        return figure.text || formatInteger(figure.value);
    }

    tone(figure) {
        return figure.value && figure.tone ? `o_retail_tone_${figure.tone}` : "";
    }

    isEmpty({rows, bars, table, heat}) {
        const isCounted = (bars || []).some((bar) => bar.value || bar.percent);
        return !(rows && rows.length) && !isCounted && !table && !heat;
    }

    barWidth(bar, bars) {
        const top = Math.max(1, ...bars.map(({value}) => value));
        const share = "percent" in bar ? bar.percent : (100 * bar.value) / top;
        return `width: ${Math.max(share, bar.value ? 2 : 0)}%`;
    }

    // Charts, drawn as plain SVG with the figures beside them for those who listen

    line(series, trend) {
        const top = Math.max(1, ...trend.series.flatMap(({points}) => points));
        const step = CHART.width / Math.max(1, series.points.length - 1);
        return series.points
            .map((point, index) => {
                const y = CHART.height - (point / top) * (CHART.height - 8) - 4;
                return `${(index * step).toFixed(1)},${y.toFixed(1)}`;
            })
            .join(" ");
    }

    trendTop(trend) {
        return Math.max(...trend.series.flatMap(({points}) => points));
    }

    rangeStyle({low, high, count}, part) {
        const top = Math.max(high, count, 1) * 1.15;
        const at = (value) => `${((100 * value) / top).toFixed(1)}%`;
        const width = `${((100 * (high - low)) / top).toFixed(1)}%`;
        return part === "dot"
            ? `inset-inline-start: ${at(count)}`
            : `inset-inline-start: ${at(low)}; width: ${width}`;
    }

    // What a tap does

    drill({label, model, domain}) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: label,
            res_model: model,
            domain,
            mobile_view_mode: "kanban",
            views: [
                [false, "list"],
                [false, "kanban"],
                [false, "form"],
            ],
        });
    }

    open(row) {
        if (row.tour) {
            return this.guide(row);
        }
        if (row.action) {
            return this.action.doAction(row.action);
        }
        if (row.drill) {
            return this.drill(row.drill);
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: row.model,
            res_id: row.id,
            views: [[false, "form"]],
        });
    }

    /** Begin a tour on the day's screen; it ends with the page, or when it is through. */
    async guide({tour, title}) {
        await this.action.doAction("retail_ops_core.action_home", {
            clearBreadcrumbs: true,
        });
        await this.tours.startTour(tour, {
            mode: "guided",
            redirect: false,
            rainbowManMessage: _t("Well done: %s", title),
        });
    }

    openStore(row) {
        return this.load("store", row.key);
    }

    async act(button, row) {
        const next = await this.orm.call(button.model, button.method, [[button.id]]);
        if (next && next.type) {
            await this.action.doAction(next, {onClose: () => this.refresh()});
            return;
        }
        await this.refresh();
        this.state.said = `${row.title}: ${button.label}`;
    }

    report() {
        return this.action.doAction("retail_ops_core.action_report_screen");
    }
}

registry.category("actions").add("retail_ops_home", RetailHome);
