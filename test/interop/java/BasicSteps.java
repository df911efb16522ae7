import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.data.Stat;

/** Every way to create, read, change and delete a node. */
final class BasicSteps {
  private BasicSteps() {}

  static void run(Handle zk) throws Exception {
    connection(zk);
    creating(zk);
    reading(zk);
    changing(zk);
    deleting(zk);
    counting(zk);
  }

  private static void connection(Handle zk) {
    Transcript.step("the state after connecting", zk::getState);
    Transcript.step("the negotiated timeout", zk::getSessionTimeout);
    Transcript.step("the password's length", () -> zk.getSessionPasswd().length);
    Transcript.step("who am I", () -> zk.whoAmI().stream().map(id -> id.getAuthScheme() + ":" + id.getUser()).toList());
    Transcript.step("children of a fresh root", () -> new TreeSet<>(zk.getChildren("/", false)));
    Transcript.step("stat of a fresh root", () -> Transcript.show(zk.exists("/", false)));
    Transcript.step("stat of /zookeeper", () -> Transcript.show(zk.exists("/zookeeper", false)));
    Transcript.step("stat of /zookeeper/quota", () -> Transcript.show(zk.exists("/zookeeper/quota", false)));
    Transcript.step("acl of /zookeeper/config", () -> Transcript.show(zk.getACL("/zookeeper/config", new Stat())));
    Transcript.step("the configuration", () -> Transcript.show(zk.getConfig(false, new Stat())));
    Transcript.step("the configuration's version", () -> zk.exists("/zookeeper/config", false).getVersion());
    Transcript.step("setting the configuration node", () -> zk.setData("/zookeeper/config", Transcript.bytes("x"), -1));
  }

  private static void creating(Handle zk) throws Exception {
    Stat first = new Stat();
    zk.create("/basic", Transcript.bytes("basic"), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, first);
    Transcript.zxidsCountFrom(first.getCzxid());
    Transcript.step("the first stat", () -> Transcript.show(first));
    for (CreateMode mode : CreateMode.values()) {
      long ttl = mode.isTTL() ? 3_600_000 : -1;
      String path = "/basic/" + mode.name().toLowerCase();
      Transcript.step("create " + mode, () -> {
        Stat stat = new Stat();
        String created = zk.create(path, Transcript.bytes(mode.name()), OPEN_ACL_UNSAFE, mode, stat, ttl);
        return created + " " + Transcript.show(stat);
      });
      Transcript.step("create " + mode + " again", () -> zk.create(path, null, OPEN_ACL_UNSAFE, mode, null, ttl));
    }
    Transcript.step("create without a stat", () -> zk.create("/basic/plain", Transcript.bytes("p"), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
    Transcript.step("create an ephemeral without a stat", () -> zk.create("/basic/eph", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL));
    Transcript.step("create with null data", () -> zk.create("/basic/null", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
    Transcript.step("create with empty data", () -> zk.create("/basic/empty", new byte[0], OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
    Transcript.step("create without a parent", () -> zk.create("/nobody/child", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
    Transcript.step("create under an ephemeral", () -> zk.create("/basic/eph/child", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
    Transcript.step("create under a container", () -> zk.create("/basic/container/child", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
    Transcript.step("create under a node with a TTL", () ->
        zk.create("/basic/persistent_with_ttl/child", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
    Transcript.step("create a sequential node without a name", () ->
        zk.create("/basic/", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL));
    Transcript.step("create a sequential node under the root", () ->
        zk.create("/sequence-", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL));
    Transcript.step("create with a TTL of zero", () ->
        zk.create("/basic/ttl0", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, null, 0));
    Transcript.step("create with the longest TTL", () ->
        zk.create("/basic/ttl-longest", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, null, 0xffffffffffL));
    Transcript.step("create with a TTL too long", () ->
        zk.create("/basic/ttl-long", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, null, 0x10000000000L));
    Transcript.step("create the root", () -> zk.create("/", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
    Transcript.step("create below /zookeeper", () -> zk.create("/zookeeper/own", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
  }

  private static void reading(Handle zk) {
    for (String path : new String[] {"/basic", "/basic/plain", "/basic/null", "/basic/empty", "/basic/eph", "/basic/container", "/nobody"}) {
      Transcript.step("exists " + path, () -> Transcript.show(zk.exists(path, false)));
      Transcript.step("get " + path, () -> {
        Stat stat = new Stat();
        return Transcript.show(zk.getData(path, false, stat)) + " " + Transcript.show(stat);
      });
      Transcript.step("children of " + path, () -> new TreeSet<>(zk.getChildren(path, false)));
      Transcript.step("children with stat of " + path, () -> {
        Stat stat = new Stat();
        return new TreeSet<>(zk.getChildren(path, false, stat)) + " " + Transcript.show(stat);
      });
      Transcript.step("sync " + path, () -> {
        zk.sync(path);
        return "done";
      });
    }
  }

  private static void changing(Handle zk) {
    Transcript.step("set at version 0", () -> Transcript.show(zk.setData("/basic/plain", Transcript.bytes("one"), 0)));
    Transcript.step("set at a version that has passed", () -> zk.setData("/basic/plain", Transcript.bytes("two"), 0));
    Transcript.step("set at a version to come", () -> zk.setData("/basic/plain", Transcript.bytes("two"), 7));
    Transcript.step("set at any version", () -> Transcript.show(zk.setData("/basic/plain", Transcript.bytes("three"), -1)));
    Transcript.step("set to null", () -> Transcript.show(zk.setData("/basic/plain", null, -1)));
    Transcript.step("get the null", () -> Transcript.show(zk.getData("/basic/plain", false, null)));
    Transcript.step("set a missing node", () -> zk.setData("/nobody", null, -1));
    Transcript.step("set the root", () -> Transcript.show(zk.setData("/", Transcript.bytes("root"), -1)));
    Transcript.step("set an ephemeral", () -> Transcript.show(zk.setData("/basic/eph", Transcript.bytes("e"), -1)));
    Transcript.step("set a node with a TTL", () -> Transcript.show(zk.setData("/basic/persistent_with_ttl", Transcript.bytes("e"), -1)));
  }

  private static void deleting(Handle zk) {
    Transcript.step("delete with children", () -> delete(zk, "/basic/container", -1));
    Transcript.step("delete a missing node", () -> delete(zk, "/nobody", -1));
    Transcript.step("delete below a missing node", () -> delete(zk, "/nobody/child", -1));
    Transcript.step("delete at a wrong version", () -> delete(zk, "/basic/plain", 9));
    Transcript.step("delete at the right version", () -> delete(zk, "/basic/plain", 3));
    Transcript.step("delete at any version", () -> delete(zk, "/basic/null", -1));
    Transcript.step("delete the root", () -> delete(zk, "/", -1));
    Transcript.step("delete /zookeeper", () -> delete(zk, "/zookeeper", -1));
    Transcript.step("delete /zookeeper/quota", () -> delete(zk, "/zookeeper/quota", -1));
    Transcript.step("delete /zookeeper/config", () -> delete(zk, "/zookeeper/config", -1));
    Transcript.step("the parent after creates and deletes", () -> Transcript.show(zk.exists("/basic", false)));
    Transcript.step("the next sequence number after deletes", () ->
        zk.create("/basic/next-", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL));
  }

  private static void counting(Handle zk) {
    Transcript.step("ephemerals", () -> new TreeSet<>(zk.getEphemerals()));
    Transcript.step("ephemerals by prefix", () -> new TreeSet<>(zk.getEphemerals("/basic/ephemeral_s")));
    Transcript.step("ephemerals by a prefix of none", () -> new TreeSet<>(zk.getEphemerals("/none")));
    Transcript.step("ephemerals of the root", () -> new TreeSet<>(zk.getEphemerals("/")));
    Transcript.step("number of all children of a node", () -> zk.getAllChildrenNumber("/basic"));
    Transcript.step("number of all children of a leaf", () -> zk.getAllChildrenNumber("/basic/empty"));
    Transcript.step("number of all children of a missing node", () -> zk.getAllChildrenNumber("/nobody"));
    Transcript.step("number of all children of the root", () -> zk.getAllChildrenNumber("/"));
    Transcript.step("a thousand children", () -> {
      zk.create("/many", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      for (int i = 0; i < 1000; i++) {
        zk.create("/many/child-" + i, Transcript.bytes("" + i), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, (code, path, context, name) -> {}, null);
      }
      zk.sync("/many");
      Stat stat = new Stat();
      String names = new TreeSet<>(zk.getChildren("/many", false, stat)).stream().collect(Collectors.joining(","));
      return Transcript.show(Transcript.bytes(names)) + " " + Transcript.show(stat) + " " + zk.getAllChildrenNumber("/many");
    });
  }

  private static String delete(Handle zk, String path, int version) throws Exception {
    zk.delete(path, version);
    return "deleted";
  }
}
