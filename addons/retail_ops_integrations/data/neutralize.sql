-- A copy of production takes nothing and sends nothing.
UPDATE retail_source SET state = 'suspended' WHERE state = 'active';
UPDATE retail_endpoint
   SET state = 'disabled', disabled_reason = 'This database is a neutralized copy'
 WHERE state <> 'disabled';
UPDATE retail_source_key
   SET revoked_at = now() AT TIME ZONE 'utc', sealed_secret = ''
 WHERE sealed_secret <> '';
UPDATE retail_source_api_key SET revoked_at = now() AT TIME ZONE 'utc'
 WHERE revoked_at IS NULL;
UPDATE retail_endpoint_key
   SET revoked_at = now() AT TIME ZONE 'utc', sealed_secret = ''
 WHERE sealed_secret <> '';
UPDATE retail_delivery
   SET state = 'cancelled', last_error = 'This database is a neutralized copy'
 WHERE state IN ('waiting', 'pending', 'leased');
UPDATE retail_egress_rule SET active = false;
