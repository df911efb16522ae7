import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;

/** Transactions of many operations, and reads of many nodes. */
final class MultiSteps {
  private MultiSteps() {}

  static void run(Handle zk) throws Exception {
    zk.create("/multi", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    successes(zk);
    failures(zk);
    reads(zk);
  }

  static String show(List<OpResult> results) {
    return results.stream().map(MultiSteps::show).collect(Collectors.joining("; "));
  }

  static String show(OpResult result) {
    if (result instanceof OpResult.ErrorResult error) return "error " + error.getErr();
    if (result instanceof OpResult.CreateResult create) return "created " + create.getPath() + " " + Transcript.show(create.getStat());
    if (result instanceof OpResult.SetDataResult set) return "set " + Transcript.show(set.getStat());
    if (result instanceof OpResult.GetDataResult get) return "got " + Transcript.show(get.getData()) + " " + Transcript.show(get.getStat());
    if (result instanceof OpResult.GetChildrenResult children) return "children " + new TreeSet<>(children.getChildren());
    return result.getClass().getSimpleName() + " type " + result.getType();
  }

  private static void successes(Handle zk) {
    Transcript.step("multi of nothing", () -> show(zk.multi(List.of())));
    Transcript.step("multi of every kind", () -> show(zk.multi(List.of(
        Op.create("/multi/a", Transcript.bytes("a"), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
        Op.create("/multi/a/b", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL),
        Op.create("/multi/s-", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL),
        Op.create("/multi/s-", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL),
        Op.create("/multi/c", null, OPEN_ACL_UNSAFE, CreateMode.CONTAINER),
        Op.create("/multi/t", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, 3_600_000),
        Op.setData("/multi/a", Transcript.bytes("aa"), 0),
        Op.check("/multi/a", 1),
        Op.delete("/multi/a/b", -1),
        Op.setData("/multi/a", Transcript.bytes("aaa"), 1)))));
    Transcript.step("what it left", () -> new TreeSet<>(zk.getChildren("/multi", false)) + " " + Transcript.show(zk.exists("/multi", false)));
    Transcript.step("stat of what it changed twice", () -> Transcript.show(zk.exists("/multi/a", false)));
    Transcript.step("a builder", () -> show(zk.transaction().create("/multi/tx", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT)
        .check("/multi/tx", 0).setData("/multi/tx", Transcript.bytes("x"), 0).delete("/multi/tx", 1).commit()));
    Transcript.step("create and delete the same node", () -> show(zk.multi(List.of(
        Op.create("/multi/gone", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT), Op.delete("/multi/gone", 0)))));
    Transcript.step("delete and create the same node", () -> show(zk.multi(List.of(
        Op.delete("/multi/a", -1), Op.create("/multi/a", Transcript.bytes("new"), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT)))));
    Transcript.step("a multi of a hundred", () -> {
      var operations = new java.util.ArrayList<Op>();
      for (int i = 0; i < 100; i++) operations.add(Op.create("/multi/hundred-" + i, null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
      return zk.multi(operations).size() + " " + Transcript.show(zk.exists("/multi", false));
    });
  }

  private static void failures(Handle zk) throws Exception {
    Op before = Op.create("/multi/before", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    Op sequential = Op.create("/multi/seq-", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL);
    Op after = Op.create("/multi/after", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    zk.create("/multi/eph", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
    zk.create("/multi/full", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    zk.create("/multi/full/child", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    Object[][] failing = {
      {"a node that exists", Op.create("/multi/a", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT)},
      {"no parent", Op.create("/multi/x/y", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT)},
      {"a child of an ephemeral", Op.create("/multi/eph/y", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT)},
      {"a bad acl", Op.create("/multi/y", null, new java.util.ArrayList<>(), CreateMode.PERSISTENT)},
      {"deleting a missing node", Op.delete("/multi/x", -1)},
      {"deleting at a bad version", Op.delete("/multi/a", 77)},
      {"deleting a node with children", Op.delete("/multi/full", -1)},
      {"setting a missing node", Op.setData("/multi/x", null, -1)},
      {"setting at a bad version", Op.setData("/multi/a", null, 77)},
      {"checking a missing node", Op.check("/multi/x", -1)},
      {"checking a bad version", Op.check("/multi/a", 77)},
    };
    for (Object[] one : failing) {
      Op fault = (Op) one[1];
      Transcript.step("multi failing first by " + one[0], () -> show(zk.multi(List.of(fault, before, after))));
      Transcript.step("multi failing last by " + one[0], () -> show(zk.multi(List.of(before, sequential, Op.setData("/multi/a", null, -1), fault))));
      Transcript.step("multi failing in between by " + one[0], () -> show(zk.multi(List.of(before, Op.delete("/multi/a", -1), fault, after, fault))));
    }
    Transcript.step("nothing of the failed ones happened", () -> new TreeSet<>(zk.getChildren("/multi", false)).stream()
        .filter(name -> !name.startsWith("hundred")).toList() + " " + Transcript.show(zk.exists("/multi", false)) + " " + Transcript.show(zk.exists("/multi/a", false)));
    Transcript.step("a sequential create after the failed ones", () -> show(zk.multi(List.of(sequential))));
  }

  private static void reads(Handle zk) {
    Transcript.step("reads of every kind", () -> show(zk.multi(List.of(
        Op.getData("/multi/a"), Op.getChildren("/multi/full"), Op.getData("/multi/full/child"), Op.getChildren("/multi/full/child")))));
    Transcript.step("reads of which some fail", () -> show(zk.multi(List.of(
        Op.getData("/multi/x"), Op.getData("/multi/a"), Op.getChildren("/multi/x"), Op.getChildren("/multi/full")))));
    Transcript.step("reads and writes mixed", () -> show(zk.multi(List.of(Op.getData("/multi/a"), Op.check("/multi/a", -1)))));
  }
}
