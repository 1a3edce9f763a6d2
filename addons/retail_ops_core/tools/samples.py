"""What the data files of an addon name."""

from xml.etree import ElementTree


def record_ids(addon, text):
    """Return the full XML ids of the records that a data file makes or changes.

    :param str addon: the addon whose file it is
    :param bytes text: the file
    :return: set of ``addon.name``
    """
    return {
        name if "." in name else f"{addon}.{name}"
        for record in ElementTree.fromstring(text).iter("record")
        if (name := record.get("id"))
    }
