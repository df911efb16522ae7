import static org.apache.zookeeper.ZooDefs.Ids.CREATOR_ALL_ACL;
import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;
import static org.apache.zookeeper.ZooDefs.Ids.READ_ACL_UNSAFE;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;

/**
 * Fills a server with everything its files can hold: `java DataLoad host:port`. It asks to be killed in the midst of
 * writing, with sessions open; the sessions with their passwords are its steps. They outlast whatever a busy machine takes.
 */
final class DataLoad {
  private static final int ROUNDS = 400;

  private DataLoad() {}

  public static void main(String[] arguments) throws Exception {
    String address = arguments[0];
    Handle zk = Handle.open(address, 400_000), other = Handle.open(address, 300_000), idle = Handle.open(address, 200_000);
    zk.addAuthInfo("digest", Transcript.bytes("alice:secret"));
    for (String path : new String[] {"/load", "/load/plain", "/load/sequence", "/load/acl", "/load/gone", "/load/multi", "/load/eph", "/load/stream"}) {
      zk.create(path, Transcript.bytes(path), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }
    zk.create("/zookeeper/quota/load", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    zk.create("/zookeeper/quota/load/zookeeper_limits", Transcript.bytes("count=9999999,bytes=9999999"), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    zk.create("/zookeeper/quota/load/zookeeper_stats", Transcript.bytes("count=0,bytes=0"), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    for (int round = 0; round < ROUNDS; round++) mixed(round % 2 == 0 ? zk : other, round);
    try (Handle closed = Handle.open(address, 300_000)) {
      closed.create("/load/eph/closed", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
    }
    for (Handle open : new Handle[] {zk, other, idle}) {
      Transcript.step("session", () -> open.getSessionId() + " " + HexFormat.of().formatHex(open.getSessionPasswd()));
    }
    stream(zk);
    Thread.sleep(100);
    Transcript.control("kill");
    Runtime.getRuntime().halt(0);
  }

  private static void mixed(Handle zk, int round) throws Exception {
    List<List<ACL>> lists = List.of(OPEN_ACL_UNSAFE, READ_ACL_UNSAFE,
        Arrays.asList(new ACL(Perms.ALL, new Id("ip", "127.0.0.0/8")), new ACL(Perms.READ, new Id("digest", "bob:x"))),
        Arrays.asList(new ACL(Perms.WRITE, new Id("digest", "u" + round % 7 + ":x"))));
    CreateMode mode = CreateMode.values()[round % CreateMode.values().length];
    byte[] data = round % 5 == 0 ? null : round % 5 == 1 ? new byte[0] : new byte[round * 7];
    String made = zk.create("/load/plain/" + mode.name() + round, data, OPEN_ACL_UNSAFE, mode, null, mode.isTTL() ? 3_600_000L + round : -1);
    zk.create("/load/sequence/s-", Transcript.bytes("\u65e5" + round), OPEN_ACL_UNSAFE, round % 9 == 0 ? CreateMode.EPHEMERAL_SEQUENTIAL : CreateMode.PERSISTENT_SEQUENTIAL);
    zk.create("/load/acl/a" + round, null, lists.get(round % lists.size()), CreateMode.PERSISTENT);
    if (round % 3 == 0) zk.setData(made, Transcript.bytes("set " + round), 0);
    if (round % 4 == 0) zk.setACL(made, lists.get(round / 4 % lists.size()), 0);
    if (round % 6 == 0) zk.delete(made, -1);
    if (round % 7 == 0) zk.create("/load/eph/e" + round, Transcript.bytes("e"), OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
    if (round % 8 == 0) failing(() -> zk.setData("/load/none", null, -1));
    if (round % 10 == 0 && zk.whoAmI().size() > 1) zk.create("/load/acl/own" + round, null, CREATOR_ALL_ACL, CreateMode.PERSISTENT);
    zk.create("/load/gone/g" + round, null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    zk.delete("/load/gone/g" + round, -1);
    zk.multi(List.of(
        Op.create("/load/multi/m" + round, data, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT), Op.create("/load/multi/m" + round + "/c", null, OPEN_ACL_UNSAFE, CreateMode.CONTAINER),
        Op.setData("/load/multi", Transcript.bytes("" + round), -1), Op.check("/load/multi", -1), Op.delete("/load/multi/m" + round + "/c", -1)));
    if (round % 11 == 0) failing(() -> zk.multi(List.of(Op.setData("/load/multi", null, -1), Op.check("/load/none", 1), Op.delete("/load", -1))));
  }

  /** Writes as fast as it can without waiting; which of them are kept is the server's affair. */
  private static void stream(Handle zk) {
    Thread writer = new Thread(() -> {
      for (int i = 0; i < 100_000; i++) {
        zk.create("/load/stream/" + i, new byte[100], OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, (code, path, context, name) -> {}, null);
        if (i % 3 == 0) zk.setData("/load/stream", Transcript.bytes("" + i), -1, (code, path, context, stat) -> {}, null);
        if (i % 5 == 4) zk.delete("/load/stream/" + (i - 1), -1, (code, path, context) -> {}, null);
        if (i % 200 == 199) pause();
      }
    });
    writer.setDaemon(true);
    writer.start();
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void failing(java.util.concurrent.Callable<Object> operation) throws Exception {
    try {
      operation.call();
      throw new IllegalStateException("an operation that must fail did not");
    } catch (org.apache.zookeeper.KeeperException expected) {
      // The failed transaction is in the log now, which is what it was for.
    }
  }
}
