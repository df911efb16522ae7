/**
 * The version that clients are told. It begins with that of the Apache ZooKeeper whose protocol and files this server
 * speaks, since clients compare it (kazoo parses `Zookeeper version: X.Y.Z-`); what follows names Meerkat.
 */
export const SERVER_VERSION = '3.9.4-meerkat-0.1.0, built on 2026-11-21 00:00 UTC'
