import monitor.store.schema as sc
print("AUTOINCREMENT" in sc._HITS, "AUTOINCREMENT" in sc._STORIES)
sc._HITS=sc._HITS.replace(" AUTOINCREMENT",""); sc._STORIES=sc._STORIES.replace(" AUTOINCREMENT","")
from tests.store.test_stateful import *
import tempfile
Desk.template = Path(tempfile.mkdtemp())/"news.db"
s=Store.writer(Desk.template); s.feeds.sync(FEEDS, NOON); s.close()
d=Desk(); d.open()
d.a_poll_is_recorded(FEEDS[0],[0],0,["drones"])
d.a_quiet_month_passes()
print("hits left", d.memory.hits, d.memory.highest, d.store._db.rows("select sql from sqlite_master where name='hits'")[0][0][:60])
d.a_poll_is_recorded(FEEDS[0],[2],0,["drones"])
