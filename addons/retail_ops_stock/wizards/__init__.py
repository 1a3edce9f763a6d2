from . import retail_transfer_decline
