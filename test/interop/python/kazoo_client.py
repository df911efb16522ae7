"""kazoo, operation by operation and recipe by recipe: `python3 kazoo_client.py host:port`."""

import json
import logging
import sys
import threading
import time

from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import KazooException
from kazoo.recipe.watchers import PatientChildrenWatch
from kazoo.security import ACL, Id, make_acl, make_digest_acl

logging.disable(logging.CRITICAL)

address = sys.argv[1]
zxid_base = None
sessions = []
deadline = 20


def step(name, body):
    try:
        result = show(body())
    except (KazooException, ValueError, TypeError, AssertionError) as error:
        result = type(error).__name__
    print(json.dumps({"step": name, "result": result}), flush=True)


def restart_server():
    print(json.dumps({"control": "restart"}), flush=True)
    sys.stdin.readline()


def zxid(value):
    global zxid_base
    if value <= 0:
        return str(value)
    if zxid_base is None:
        zxid_base = value
    return f"+{value - zxid_base}"


def show(value):
    if hasattr(value, "czxid"):
        owner = sessions.index(value.ephemeralOwner) if value.ephemeralOwner in sessions else value.ephemeralOwner and "somebody"
        near = "now" if abs(time.time() * 1000 - value.mtime) < 120_000 else value.mtime
        return (
            f"czxid {zxid(value.czxid)} mzxid {zxid(value.mzxid)} pzxid {zxid(value.pzxid)} mtime {near} version {value.version} "
            f"cversion {value.cversion} aversion {value.aversion} owner {owner} length {value.dataLength} children {value.numChildren}"
        )
    if isinstance(value, ACL):
        return f"{value.id.scheme}:{value.id.id}:{value.perms}"
    if isinstance(value, bytes) and len(value) > 100:
        return f"{len(value)} bytes"
    if isinstance(value, KazooException):
        return type(value).__name__
    if hasattr(value, "type") and hasattr(value, "path"):
        return f"{value.type} {value.path}"
    if isinstance(value, tuple):
        return "(" + ", ".join(show(one) for one in value) + ")"
    if isinstance(value, (list, set)):
        return "[" + ", ".join(show(one) for one in value) + "]"
    return str(value)


def connect(**options):
    client = KazooClient(hosts=address, timeout=options.pop("timeout", 10), **options)
    client.start(deadline)
    sessions.append(client.client_id[0])
    return client


class Events:
    """What a watcher was told, and a way to wait until it was told so much."""

    def __init__(self):
        self.seen = []
        self.changed = threading.Condition()

    def __call__(self, *event):
        with self.changed:
            self.seen.append(event[0] if len(event) == 1 else event)
            self.changed.notify_all()

    def first(self, count):
        with self.changed:
            self.changed.wait_for(lambda: len(self.seen) >= count, deadline)
            return list(self.seen)


def operations(zk):
    step("state", lambda: (zk.state, zk.client_state))
    step("server version", lambda: zk.server_version() >= (3, 5))
    step("create", lambda: zk.create("/kazoo", b"one", include_data=True))
    step("create again", lambda: zk.create("/kazoo"))
    step("ensure path", lambda: zk.ensure_path("/kazoo/deep/er/path"))
    step("create with parents", lambda: zk.create("/kazoo/made/on/the/way", b"x", makepath=True))
    step("create without parents", lambda: zk.create("/kazoo/none/child"))
    step("create ephemeral", lambda: zk.create("/kazoo/eph", b"e", ephemeral=True, include_data=True))
    step("create sequence", lambda: zk.create("/kazoo/seq-", sequence=True))
    step("create ephemeral sequence", lambda: zk.create("/kazoo/es-", ephemeral=True, sequence=True))
    step("create under an ephemeral", lambda: zk.create("/kazoo/eph/x"))
    step("create empty", lambda: zk.create("/kazoo/empty", b""))
    step("create with unicode", lambda: zk.create("/kazoo/\u65e5\u672c", "\u8a9e".encode()))
    step("exists", lambda: zk.exists("/kazoo"))
    step("exists not", lambda: zk.exists("/nobody"))
    step("get", lambda: zk.get("/kazoo"))
    step("get unicode", lambda: zk.get("/kazoo/\u65e5\u672c"))
    step("get nothing", lambda: zk.get("/nobody"))
    step("set", lambda: zk.set("/kazoo", b"two"))
    step("set at a version", lambda: zk.set("/kazoo", b"three", version=1))
    step("set at a wrong version", lambda: zk.set("/kazoo", b"four", version=1))
    step("set nothing", lambda: zk.set("/nobody", b""))
    step("children", lambda: sorted(zk.get_children("/kazoo")))
    step("children and stat", lambda: (lambda found: (sorted(found[0]), found[1]))(zk.get_children("/kazoo", include_data=True)))
    step("children of nothing", lambda: zk.get_children("/nobody"))
    step("delete with children", lambda: zk.delete("/kazoo/deep"))
    step("delete at a wrong version", lambda: zk.delete("/kazoo/empty", version=4))
    step("delete", lambda: zk.delete("/kazoo/empty", version=0))
    step("delete nothing", lambda: zk.delete("/nobody"))
    step("delete recursively", lambda: zk.delete("/kazoo/deep", recursive=True))
    step("sync", lambda: zk.sync("/kazoo"))
    step("a big node", lambda: zk.create("/kazoo/big", bytes(1_000_000)))
    step("get the big node", lambda: zk.get("/kazoo/big"))
    step("four letters", lambda: zk.command(b"ruok"))
    step("many at once", lambda: len([one.get(deadline) for one in [zk.create_async(f"/kazoo/made/{n}", b"m") for n in range(300)]]))
    step("all of the many", lambda: zk.exists("/kazoo/made"))


def permissions(zk):
    alice = connect(auth_data=[("digest", "alice:secret")])
    own = make_digest_acl("alice", "secret", all=True)
    step("create with a digest", lambda: alice.create("/kazoo/own", b"o", acl=[own]))
    step("get acls", lambda: alice.get_acls("/kazoo/own"))
    step("get as another", lambda: zk.get("/kazoo/own"))
    step("set as another", lambda: zk.set("/kazoo/own", b""))
    step("get acls as another", lambda: zk.get_acls("/kazoo/own"))
    step("set acls", lambda: alice.set_acls("/kazoo/own", [own, make_acl("world", "anyone", read=True)]))
    step("get as another now", lambda: zk.get("/kazoo/own"))
    step("get masked acls", lambda: zk.get_acls("/kazoo/own"))
    step("set acls at a wrong version", lambda: alice.set_acls("/kazoo/own", [own], version=9))
    step("set invalid acls", lambda: alice.set_acls("/kazoo/own", [ACL(31, Id("digest", "nocolon"))]))
    step("add auth", lambda: zk.add_auth("digest", "alice:secret"))
    step("set with auth", lambda: zk.set("/kazoo/own", b"mine"))
    step("delete what its parent lets go", lambda: zk.delete("/kazoo/own"))
    alice.stop()
    alice.close()


def transactions(zk):
    def commit(*operations):
        transaction = zk.transaction()
        for name, *arguments in operations:
            getattr(transaction, name)(*arguments)
        return transaction.commit()

    step("a transaction", lambda: commit(
        ("create", "/kazoo/tx", b"a"), ("set_data", "/kazoo/tx", b"b", 0), ("check", "/kazoo/tx", 1),
        ("create", "/kazoo/tx/child", b"", None, True), ("delete", "/kazoo/tx/child")))
    step("a transaction that fails", lambda: commit(("create", "/kazoo/tx2"), ("check", "/kazoo/tx", 9), ("create", "/kazoo/tx3")))
    step("nothing of it happened", lambda: (zk.exists("/kazoo/tx2"), zk.exists("/kazoo/tx3")))
    step("sequences in a transaction", lambda: commit(
        ("create", "/kazoo/tx/s-", b"", None, False, True), ("create", "/kazoo/tx/s-", b"", None, True, True)))
    step("an empty transaction", lambda: commit())


def watches(zk):
    def standard():
        events = Events()
        zk.create("/kazoo/watched")
        zk.get("/kazoo/watched", watch=events)
        zk.get_children("/kazoo/watched", watch=events)
        zk.exists("/kazoo/unborn", watch=events)
        zk.set("/kazoo/watched", b"1")
        zk.create("/kazoo/watched/child")
        zk.create("/kazoo/unborn")
        return events.first(3)

    step("one-shot watches", standard)

    def data_watch():
        events = Events()
        zk.DataWatch("/kazoo/data", lambda data, stat, event: events((data, stat and stat.version, event and event.type)))
        zk.create("/kazoo/data", b"a")
        events.first(2)
        zk.set("/kazoo/data", b"b")
        events.first(3)
        zk.delete("/kazoo/data")
        return events.first(4)

    def children_watch():
        events = Events()
        zk.create("/kazoo/children")
        zk.ChildrenWatch("/kazoo/children", lambda children: events(sorted(children)))
        for count, name in enumerate(["a", "b", "c"]):
            zk.create(f"/kazoo/children/{name}")
            events.first(count + 2)
        zk.delete("/kazoo/children/b")
        return events.first(5)

    step("DataWatch", data_watch)
    step("ChildrenWatch", children_watch)
    step("PatientChildrenWatch", lambda: sorted(PatientChildrenWatch(zk, "/kazoo/children", 0.2).start().get(deadline)[0]))


def recipes(zk, other):
    def lock():
        held = zk.Lock("/kazoo/lock", "one")
        with held:
            return (held.is_acquired, held.contenders(), other.Lock("/kazoo/lock", "two").acquire(blocking=False))

    def lock_handed_on():
        order = Events()
        first = zk.Lock("/kazoo/lock", "one")
        first.acquire()
        waiting = other.Lock("/kazoo/lock", "two")
        thread = threading.Thread(target=lambda: (waiting.acquire(), order("two"), waiting.release()))
        thread.start()
        while len(first.contenders()) < 2:
            time.sleep(0.01)
        order("one")
        first.release()
        thread.join(deadline)
        return order.seen

    def read_write():
        reader = zk.ReadLock("/kazoo/rw", "r1")
        reader.acquire()
        second = other.ReadLock("/kazoo/rw", "r2")
        answers = (second.acquire(timeout=deadline), other.WriteLock("/kazoo/rw", "w").acquire(blocking=False))
        second.release()
        reader.release()
        return answers

    def semaphore():
        one, two, three = (zk.Semaphore("/kazoo/semaphore", name, max_leases=2) for name in "abc")
        answers = (one.acquire(), two.acquire(), three.acquire(blocking=False), sorted(one.lease_holders()))
        one.release()
        return answers + (three.acquire(timeout=deadline),)

    def election():
        led = Events()
        one, two = zk.Election("/kazoo/election", "one"), other.Election("/kazoo/election", "two")
        one.run(lambda: led(("one", one.contenders())))
        two.run(lambda: led(("two", two.contenders())))
        return led.seen

    def party():
        one, two = zk.Party("/kazoo/party", "one"), other.ShallowParty("/kazoo/party", "two")
        one.join()
        two.join()
        count = (len(one), len(two))
        one.leave()
        return count + (len(zk.Party("/kazoo/party")), list(two))

    def counter():
        count = zk.Counter("/kazoo/counter", default=5)
        count += 3
        count -= 1
        return (count.value, other.Counter("/kazoo/counter").value)

    def queue():
        queue = zk.Queue("/kazoo/queue")
        queue.put(b"b")
        queue.put(b"c")
        queue.put(b"a", priority=50)
        return (len(queue), queue.get(), queue.get(), queue.get(), queue.get())

    def locking_queue():
        queue = zk.LockingQueue("/kazoo/lqueue")
        queue.put_all([b"x", b"y"])
        taken = (queue.get(deadline), len(queue), queue.holds_lock())
        return taken + (queue.consume(), queue.get(deadline), queue.consume(), len(queue))

    def barrier():
        barrier = zk.Barrier("/kazoo/barrier")
        barrier.create()
        closed = other.Barrier("/kazoo/barrier").wait(0.05)
        return (closed, barrier.remove(), other.Barrier("/kazoo/barrier").wait(deadline))

    def double_barrier():
        reached = Events()

        def enter(client, name):
            barrier = client.DoubleBarrier("/kazoo/double", 2, name)
            barrier.enter()
            reached("in")
            barrier.leave()
            reached("out")

        threads = [threading.Thread(target=enter, args=one) for one in ((zk, "one"), (other, "two"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(deadline)
        return sorted(reached.seen)

    def lease():
        from datetime import timedelta

        return (
            bool(zk.NonBlockingLease("/kazoo/lease", timedelta(seconds=60), "one")),
            bool(other.NonBlockingLease("/kazoo/lease", timedelta(seconds=60), "two")),
        )

    def partitioner():
        partition = zk.SetPartitioner("/kazoo/partition", set=(1, 2, 3), time_boundary=0.1)
        partition.wait_for_acquire(deadline)
        got = (partition.acquired, sorted(partition))
        partition.finish()
        return got

    def tree_cache():
        from kazoo.recipe.cache import TreeCache, TreeEvent

        events = Events()
        cache = TreeCache(zk, "/kazoo/tree")
        cache.listen(lambda event: events((event.event_type, event.event_data and event.event_data.path)))
        cache.start()
        events.first(2)
        zk.create("/kazoo/tree/a", b"1")
        events.first(3)
        zk.set("/kazoo/tree/a", b"2")
        events.first(4)
        zk.delete("/kazoo/tree/a")
        seen = events.first(5)
        cache.close()
        return (TreeEvent.NODE_ADDED, seen)

    for name, recipe in (
        ("Lock", lock), ("a Lock handed on", lock_handed_on), ("ReadLock and WriteLock", read_write), ("Semaphore", semaphore),
        ("Election", election), ("Party", party), ("Counter", counter), ("Queue", queue), ("LockingQueue", locking_queue),
        ("Barrier", barrier), ("DoubleBarrier", double_barrier), ("NonBlockingLease", lease), ("SetPartitioner", partitioner),
        ("TreeCache", tree_cache),
    ):
        step(name, recipe)


def sessions_and_restarts(zk, other):
    states = Events()
    zk.add_listener(states)
    events = Events()
    zk.create("/kazoo/kept", b"k")
    zk.create("/kazoo/kept-eph", ephemeral=True)
    zk.get("/kazoo/kept", watch=events)
    restart_server()
    step("states through a restart", lambda: states.first(2))
    step("the tree survived", lambda: zk.retry(zk.get, "/kazoo/kept")[0])
    step("the ephemeral survived", lambda: zk.retry(other.exists, "/kazoo/kept-eph") is not None)

    step("watchers were told", lambda: events.first(1))

    def closed():
        gone = Events()
        third = connect()
        third.create("/kazoo/closing", ephemeral=True)
        zk.exists("/kazoo/closing", watch=gone)
        third.stop()
        return gone.first(1)

    step("stopping removes the ephemerals", closed)
    step("a wrong password", lambda: wrong_password(zk))


def wrong_password(zk):
    # Apache closes the owner's connection at a wrong guess, and then kazoo knows no id for a while.
    guessed = zk.client_id[0]
    states = Events()
    stranger = KazooClient(hosts=address, timeout=10, client_id=(guessed, b"\0" * 16))
    stranger.add_listener(states)
    stranger.start(deadline)
    until = time.time() + deadline
    fresh = False
    while time.time() < until and not fresh:
        identity = stranger.client_id
        fresh = stranger.connected and identity is not None and identity[0] not in (0, guessed)
        time.sleep(0.01)
    stranger.stop()
    return (fresh, KazooState.LOST in states.seen)


def main():
    zk, other = connect(), connect()
    operations(zk)
    permissions(zk)
    transactions(zk)
    watches(zk)
    recipes(zk, other)
    sessions_and_restarts(zk, other)
    zk.stop()
    other.stop()


main()
