from . import retail_approval_reject
