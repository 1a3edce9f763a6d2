import "@spreadsheet/chart/odoo_menu/figure_component";
import {Spreadsheet, components} from "@odoo/o-spreadsheet";
import {patch} from "@web/core/utils/patch";

const {SpreadsheetDashboard} = Spreadsheet.components;
const PAGES = {PageDown: 1, PageUp: -1};

/** Do what a click does when Enter or Space is pressed. */
function clickByKey(ev) {
    if (["Enter", " "].includes(ev.key)) {
        ev.preventDefault();
        ev.currentTarget.click();
    }
}

/** Return the text nearest to a cell, to its left or above it, or "". */
function headOf(getters, {sheetId, col, row}, left, up) {
    for (let at = 1; col - at * left >= 0 && row - at * up >= 0; at++) {
        const position = {sheetId, col: col - at * left, row: row - at * up};
        const {type, formattedValue} = getters.getEvaluatedCell(position);
        if (type === "text" && formattedValue) {
            return formattedValue;
        }
    }
    return "";
}

patch(components.ScorecardChart.prototype, {
    /** Return what a card is about and what it shows. */
    get spokenName() {
        return `${this.title}: ${this.runtime.keyValue}`;
    },
    clickByKey,
});

patch(SpreadsheetDashboard.prototype, {
    /** Return what a cell is about, by the heads of its row and column. */
    spokenName({position}) {
        const {getters} = this.env.model;
        const {type, formattedValue} = getters.getEvaluatedCell(position);
        if (type === "text") {
            return formattedValue;
        }
        const row = headOf(getters, position, 1, 0);
        return `${row}, ${headOf(getters, position, 0, 1)}: ${formattedValue}`;
    },
    clickByKey,
    /** Scroll by a page; Tab goes on with what is shown then. */
    scrollByKey(ev) {
        const pages = PAGES[ev.key];
        if (pages) {
            ev.preventDefault();
            ev.currentTarget.focus();
            this.moveCanvas(0, pages * this.getGridRect().height);
        }
    },
});
