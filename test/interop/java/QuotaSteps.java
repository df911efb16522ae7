import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;

/** Limits of count and bytes on a subtree, with enforceQuota on. */
final class QuotaSteps {
  private QuotaSteps() {}

  static void run(Handle zk) throws Exception {
    zk.create("/quota", Transcript.bytes("12345"), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    zk.create("/quota/a", Transcript.bytes("123"), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    zk.create("/zookeeper/quota/quota", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    stats(zk, "before there are any");
    zk.create("/zookeeper/quota/quota/zookeeper_limits",
        Transcript.bytes("count=4,bytes=20=;byteHardLimit=30;countHardLimit=5"), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    zk.create("/zookeeper/quota/quota/zookeeper_stats", Transcript.bytes("count=0,bytes=0"), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    stats(zk, "as counted at the beginning");
    Transcript.step("stat of the counted node", () -> Transcript.show(zk.exists("/zookeeper/quota/quota/zookeeper_stats", false)));
    Transcript.step("a create within the limits", () -> create(zk, "/quota/b", "1"));
    stats(zk, "after a create");
    Transcript.step("a create at the soft limit", () -> create(zk, "/quota/c", "1"));
    Transcript.step("a create beyond the soft limit", () -> create(zk, "/quota/d", "1"));
    Transcript.step("a create beyond the hard limit", () -> create(zk, "/quota/e", "1"));
    stats(zk, "after a refused create");
    Transcript.step("a set beyond the soft limit of bytes", () -> Transcript.show(zk.setData("/quota/a", new byte[20], -1)));
    stats(zk, "after a set");
    Transcript.step("a set beyond the hard limit of bytes", () -> zk.setData("/quota/a", new byte[40], -1));
    Transcript.step("a set that shrinks", () -> Transcript.show(zk.setData("/quota/a", new byte[2], -1)));
    stats(zk, "after shrinking");
    Transcript.step("a multi beyond the hard limit", () -> MultiSteps.show(zk.multi(List.of(
        Op.setData("/quota/b", Transcript.bytes("2"), -1), Op.create("/quota/f", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT)))));
    Transcript.step("a delete makes room", () -> {
      zk.delete("/quota/d", -1);
      return create(zk, "/quota/g", "22");
    });
    stats(zk, "after making room");
    Transcript.step("a child deeper down counts too", () -> create(zk, "/quota/g/h", "1"));
    Transcript.step("new limits", () -> Transcript.show(zk.setData("/zookeeper/quota/quota/zookeeper_limits", Transcript.bytes("count=-1,bytes=-1=;countHardLimit=9"), -1)));
    Transcript.step("under the new limits", () -> create(zk, "/quota/g/h", "1"));
    stats(zk, "at the end");
    Transcript.step("without limits", () -> {
      zk.delete("/zookeeper/quota/quota/zookeeper_limits", -1);
      zk.delete("/zookeeper/quota/quota/zookeeper_stats", -1);
      for (int i = 0; i < 12; i++) create(zk, "/quota/free" + i, "free");
      return zk.getAllChildrenNumber("/quota");
    });
  }

  private static void stats(Handle zk, String when) {
    Transcript.step("what is counted " + when, () -> Transcript.show(zk.getData("/zookeeper/quota/quota/zookeeper_stats", false, null)));
  }

  private static String create(Handle zk, String path, String data) throws Exception {
    return zk.create(path, Transcript.bytes(data), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
  }
}
