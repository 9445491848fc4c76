"""Newsmonitor: watches public news feeds so that an analyst does not have to.

The data flows one way::

    fetch -bytes-> parsing -Entry-> feeds.identify -> feeds.decide (new, changed, known) -+
                                                                                          |
                          matching -Match-> Hit ------------------------------------------+
                                                                                          |
                  store: items, hits and the feed's validators in ONE transaction <-------+
                    |
                    +-hits-> stories -Story-> digests.build -Digest-> digests.render_*
                                                                        |
                              the ledger <- delivery: claim, send, record <- Message

Rooms (``config feeds matching stories digests``) decide and are pure; doors (``fetch parsing store
delivery files logs clock``) touch the world; the attic (``pipeline daemon demo cli``) wires them.
"""

__version__ = "0.1.0"
