from . import retail_reason, retail_secret_reveal
