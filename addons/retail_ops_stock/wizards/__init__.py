from . import retail_sample_removal
from . import retail_stock_accept
from . import retail_transfer_decline
