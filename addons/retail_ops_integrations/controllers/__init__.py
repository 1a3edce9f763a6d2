from . import dispatcher, door
