from . import (
    retail_integration_monitor,
    retail_api_key_request,
    retail_event_fix,
    retail_raw_payload,
    retail_reason,
    retail_secret_entry,
    retail_secret_reveal,
)
