import {RetailReport} from "@retail_ops_core/report/report.esm";
import {patch} from "@web/core/utils/patch";

// The report screen asks which equipment is broken, where the type wants to know.
patch(RetailReport.prototype, {
    fresh() {
        return {...super.fresh(...arguments), equipmentId: false};
    },

    async loadScreen() {
        const screen = await super.loadScreen(...arguments);
        this.equipment = screen.equipment;
        return screen;
    },

    get equipmentOfStore() {
        return this.equipment.filter((each) => each.store_id === this.state.storeId);
    },

    get report() {
        const {equipmentId} = this.state;
        const isThere = this.equipmentOfStore.some((each) => each.id === equipmentId);
        if (!this.type.asks_equipment || !isThere) {
            return super.report;
        }
        return {...super.report, equipment_id: equipmentId};
    },
});
