from . import purchase_order
from . import purchase_order_facts
from . import purchase_order_line
from . import purchase_order_arrival
from . import retail_kpi
from . import purchase_order_terms
from . import retail_request
from . import retail_store
