import "@spreadsheet/chart/odoo_menu/figure_component";
import {components} from "@odoo/o-spreadsheet";
import {patch} from "@web/core/utils/patch";

// Cards of other dashboards keep Odoo's way: they open their menu.
const OUR_MODELS = "retail.";

/** Return the id of the pivot that a card reads, undefined without one. */
function pivotOf(getters, keyValue) {
    const sheet = getters.getActiveSheetId();
    const {sheetId, zone} = getters.getRangeFromSheetXC(sheet, keyValue);
    return getters.getPivotIdFromPosition({sheetId, col: zone.left, row: zone.top});
}

patch(components.ScorecardChart.prototype, {
    /** Open the records that the card counts, under the filters of the dashboard. */
    async navigateToOdooMenu(newWindow) {
        const {getters} = this.env.model;
        const {keyValue, title} = getters.getChartDefinition(this.props.chartId);
        const pivotId = keyValue && pivotOf(getters, keyValue);
        const pivot = pivotId && getters.getPivotCoreDefinition(pivotId);
        if (!pivot || !pivot.model || !pivot.model.startsWith(OUR_MODELS)) {
            return super.navigateToOdooMenu(newWindow);
        }
        const menu = getters.getChartOdooMenu(this.props.chartId);
        const action = await this.actionService.loadAction(menu.actionID);
        const name = getters.dynamicTranslate(title.text);
        const domain = getters.getPivotComputedDomain(pivotId);
        await this.actionService.doAction(
            {...action, name, display_name: name, domain, context: {}},
            {viewType: "list", newWindow}
        );
    },
});
