import {ConnectionLostError} from "@web/core/network/rpc";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {registry} from "@web/core/registry";
import {useEveryMinute} from "@retail_ops_core/home/every_minute.esm";

/** The monitor's page stays true while somebody looks at it. */
class MonitorController extends FormController {
    setup() {
        super.setup();
        useEveryMinute(() => this.lookAgain());
    }

    async lookAgain() {
        const {resModel, resId} = this.model.root;
        try {
            await this.orm.silent.call(resModel, "action_refresh", [[resId]]);
            await this.model.load();
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
        }
    }
}

registry.category("views").add("retail_monitor", {
    ...formView,
    Controller: MonitorController,
});
