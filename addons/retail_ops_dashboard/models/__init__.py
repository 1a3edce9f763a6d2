from . import retail_home
