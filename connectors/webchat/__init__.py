"""Web chat: the same conversation on a page of its own or in a frame of any site, resumed by sequence number."""
