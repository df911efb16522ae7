"""kazoo over SASL DIGEST-MD5: `python3 kazoo_sasl.py host:port`."""

import json
import logging
import sys

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.handlers.threading import KazooTimeoutError
from kazoo.security import make_acl

logging.disable(logging.CRITICAL)


def step(name, body):
    try:
        result = body()
    except (KazooException, KazooTimeoutError) as error:
        result = type(error).__name__
    print(json.dumps({"step": name, "result": str(result)}), flush=True)


def connect(username, password):
    options = {"mechanism": "DIGEST-MD5", "username": username, "password": password}
    client = KazooClient(hosts=sys.argv[1], sasl_options=options if username else None, timeout=10)
    client.start(5)
    return client


alice, bob, anyone = connect("alice", "secret"), connect("bob", "another secret"), connect(None, None)
own = make_acl("sasl", "alice", all=True)
step("alice creates", lambda: alice.create("/kazoo-sasl", b"a", acl=[own]))
step("alice reads", lambda: alice.get("/kazoo-sasl")[0])
step("alice reads the acl", lambda: alice.get_acls("/kazoo-sasl")[0])
step("bob reads", lambda: bob.get("/kazoo-sasl"))
step("anyone reads", lambda: anyone.get("/kazoo-sasl"))


def guess():
    # Whether start() returns before the server ends the connection is a race within kazoo; that nothing is read is none.
    try:
        return connect("alice", "guessed").get("/kazoo-sasl")[0]
    except (KazooException, KazooTimeoutError):
        return "nothing is read"


step("a wrong password", guess)
