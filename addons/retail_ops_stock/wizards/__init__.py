from . import retail_stock_accept
from . import retail_transfer_decline
