import {Component, onWillStart, useExternalListener, useState} from "@odoo/owl";
import {ConnectionLostError} from "@web/core/network/rpc";
import {RecordSelector} from "@web/core/record_selectors/record_selector";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {deserializeDateTime, toLocaleDateTimeString} from "@web/core/l10n/dates";
import {isBarcodeScannerSupported} from "@web/core/barcode/barcode_video_scanner";
import {registry} from "@web/core/registry";
import {scanBarcode} from "@web/core/barcode/barcode_dialog";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";
import {user} from "@web/core/user";

const EMPTY = {
    typeId: false,
    storeId: false,
    categoryId: false,
    productId: false,
    expected: "",
    counted: "",
    amount: "",
    summary: "",
    reason: "",
};

function readFile(file) {
    return new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result.split(",")[1]);
        reader.onerror = () => reject(reader.error);
        reader.readAsDataURL(file);
    });
}

export class RetailReport extends Component {
    static template = "retail_ops_core.Report";
    static components = {RecordSelector};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.canScan = isBarcodeScannerSupported();
        this.state = useState({...EMPTY, key: "", photo: null, sent: null, kept: false});
        useExternalListener(window, "online", () => this.state.kept && this.send());
        onWillStart(() => this.load());
    }

    get draftName() {
        return `retail_ops_report_${user.userId}`;
    }

    get type() {
        return this.types.find((type) => type.id === this.state.typeId);
    }

    get isReady() {
        const {storeId, productId, counted, expected, amount, summary} = this.state;
        const enough = {
            quantity_cost: productId && counted !== "" && expected !== "",
            amount: amount !== "" && summary.trim(),
            none: summary.trim(),
        };
        const isSorted = !this.type?.categories.length || this.state.categoryId;
        return Boolean(
            storeId && this.type && isSorted && enough[this.type.formula]
        );
    }

    loadScreen() {
        return this.orm.call("retail.exception", "get_report_screen", []);
    }

    async load() {
        const screen = await this.loadScreen();
        this.types = screen.types;
        this.stores = screen.stores;
        const draft = browser.localStorage.getItem(this.draftName);
        Object.assign(this.state, draft ? JSON.parse(draft) : this.fresh());
        if (this.state.kept && browser.navigator.onLine) {
            this.send();
        }
    }

    fresh() {
        const storeId = this.stores.length ? this.stores[0].id : false;
        return {...EMPTY, storeId, key: crypto.randomUUID?.() || `${Date.now()}`};
    }

    keep() {
        const {photo, sent, ...draft} = this.state;
        browser.localStorage.setItem(this.draftName, JSON.stringify(draft));
    }

    choose(typeId) {
        this.state.typeId = typeId;
        this.state.categoryId = false;
        this.keep();
    }

    setProduct(productId) {
        this.state.productId = productId;
        this.keep();
    }

    async scan() {
        const code = await scanBarcode(this.env);
        const productId = await this.orm.call("retail.exception", "find_product", [code]);
        if (productId) {
            this.setProduct(productId);
        } else {
            this.notification.add(_t("No product has the code %s.", code), {
                type: "warning",
            });
        }
    }

    async addPhoto(event) {
        const file = event.target.files[0];
        this.state.photo = file && {name: file.name, data: await readFile(file)};
    }

    get report() {
        const {state, type} = this;
        const report = {
            type_id: state.typeId,
            store_id: state.storeId,
            category_id: state.categoryId,
            summary: state.summary.trim(),
            reason: state.reason.trim(),
        };
        if (type.formula === "quantity_cost") {
            report.product_id = state.productId;
            report.expected_quantity = Number(state.expected);
            report.counted_quantity = Number(state.counted);
        } else if (type.formula === "amount") {
            report.amount = Number(state.amount);
        }
        return report;
    }

    async send() {
        try {
            const sent = await this.orm.call("retail.exception", "report_from_screen", [
                this.report,
                this.state.key,
                this.state.photo,
            ]);
            this.state.sent = {
                ...sent,
                due: toLocaleDateTimeString(deserializeDateTime(sent.due)),
            };
            this.state.kept = false;
            browser.localStorage.removeItem(this.draftName);
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            this.state.kept = true;
            this.keep();
        }
    }

    again() {
        Object.assign(this.state, this.fresh(), {photo: null, sent: null, kept: false});
    }

    back() {
        this.state.typeId = false;
        this.keep();
    }

    open() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "retail.exception",
            res_id: this.state.sent.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("retail_ops_report", RetailReport);
