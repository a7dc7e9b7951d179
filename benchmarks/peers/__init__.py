"""Peers, one file each: what people would use instead. A module that sets ``PEER`` is one."""
