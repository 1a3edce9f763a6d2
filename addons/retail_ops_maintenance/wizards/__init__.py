from . import retail_sample_removal
