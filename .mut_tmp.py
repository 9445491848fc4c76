import monitor.store.schema as sc, sys
sc._HITS=sc._HITS.replace(" AUTOINCREMENT",""); sc._STORIES=sc._STORIES.replace(" AUTOINCREMENT","")
from tests.store.test_stateful import *
from hypothesis.stateful import run_state_machine_as_test
import tempfile
Desk.template = Path(tempfile.mkdtemp())/"news.db"
s=Store.writer(Desk.template); s.feeds.sync(FEEDS, NOON); s.close()
try:
    run_state_machine_as_test(Desk, settings=settings(QUICK, max_examples=int(sys.argv[1]), stateful_step_count=int(sys.argv[2])))
    print("NOT FOUND")
except AssertionError as e:
    print("found", e)
