import static org.apache.zookeeper.ZooDefs.Ids.ANYONE_ID_UNSAFE;
import static org.apache.zookeeper.ZooDefs.Ids.AUTH_IDS;
import static org.apache.zookeeper.ZooDefs.Ids.CREATOR_ALL_ACL;
import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/** Who may do what: every scheme, every permission, every operation. */
final class AclSteps {
  private static final String ALICE = "digest of alice";

  private AclSteps() {}

  static void run(Handle zk, String address) throws Exception {
    zk.create("/acl", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    validity(zk);
    try (Handle alice = Handle.open(address, JavaClient.SESSION_MS)) {
      alice.addAuthInfo("digest", Transcript.bytes("alice:secret"));
      Transcript.step("who am I as alice", () -> alice.whoAmI().stream().map(id -> id.getAuthScheme() + ":" + id.getUser()).sorted().toList());
      owning(zk, alice);
      permissions(zk, alice);
      setting(zk, alice);
      superuser(address);
    }
    oddAuthentication(address);
  }

  private static void validity(Handle zk) {
    Object[][] lists = {
      {"world", "anyone"}, {"world", "someone"}, {"auth", ""}, {"digest", "bob:x"}, {"digest", "bob"}, {"digest", "a:b:c"},
      {"ip", "127.0.0.1"}, {"ip", "10.0.0.0/8"}, {"ip", "10.0.0.0/33"}, {"ip", "nonsense"}, {"ip", "::1"}, {"x509", "CN=alice"},
      {"sasl", "alice"}, {"nobody", "knows"}, {"super", ""},
    };
    for (Object[] entry : lists) {
      String scheme = (String) entry[0], id = (String) entry[1];
      String path = "/acl/valid-" + scheme + "-" + id.replace('/', '_');
      Transcript.step("create with " + scheme + ":" + id, () ->
          zk.create(path, null, Arrays.asList(new ACL(Perms.ALL, new Id(scheme, id))), CreateMode.PERSISTENT));
      Transcript.step("acl of " + scheme + ":" + id, () -> Transcript.show(zk.getACL(path, new Stat())));
    }
    Transcript.step("a list with the same entry twice", () -> {
      List<ACL> twice = new ArrayList<>(OPEN_ACL_UNSAFE);
      twice.addAll(OPEN_ACL_UNSAFE);
      zk.create("/acl/twice", null, twice, CreateMode.PERSISTENT);
      return Transcript.show(zk.getACL("/acl/twice", new Stat()));
    });
    Transcript.step("no permission at all", () -> {
      zk.create("/acl/none", null, Arrays.asList(new ACL(0, ANYONE_ID_UNSAFE)), CreateMode.PERSISTENT);
      return Transcript.show(zk.getACL("/acl/none", new Stat()));
    });
    Transcript.step("acl of a missing node", () -> zk.getACL("/acl/missing", new Stat()));
    Transcript.step("set acl of a missing node", () -> zk.setACL("/acl/missing", OPEN_ACL_UNSAFE, -1));
  }

  private static void owning(Handle zk, Handle alice) {
    Transcript.step("alice creates her node", () -> alice.create("/acl/alice", Transcript.bytes(ALICE), CREATOR_ALL_ACL, CreateMode.PERSISTENT));
    Transcript.step("alice reads her acl", () -> {
      Stat stat = new Stat();
      return Transcript.show(alice.getACL("/acl/alice", stat)) + " " + Transcript.show(stat);
    });
    everything("anyone on alice's node", zk, "/acl/alice");
    everything("alice on her node", alice, "/acl/alice");
  }

  private static void permissions(Handle zk, Handle alice) throws Exception {
    int[] each = {Perms.READ, Perms.WRITE, Perms.CREATE, Perms.DELETE, Perms.ADMIN, Perms.READ | Perms.ADMIN, 0};
    for (int permission : each) {
      String path = "/acl/only-" + permission;
      alice.create(path, Transcript.bytes("x"), Arrays.asList(new ACL(Perms.ALL, new Id("auth", "")), new ACL(permission, ANYONE_ID_UNSAFE)), CreateMode.PERSISTENT);
      alice.create(path + "/child", null, CREATOR_ALL_ACL, CreateMode.PERSISTENT);
      everything("anyone with permission " + permission, zk, path);
    }
    alice.create("/acl/ip-here", null, Arrays.asList(new ACL(Perms.ALL, new Id("ip", "127.0.0.0/8"))), CreateMode.PERSISTENT);
    everything("by an address that matches", zk, "/acl/ip-here");
    alice.create("/acl/ip-there", null, Arrays.asList(new ACL(Perms.ALL, new Id("ip", "10.0.0.0/8"))), CreateMode.PERSISTENT);
    everything("by an address that does not match", zk, "/acl/ip-there");
  }

  /** One attempt of each operation at a node, in an order that leaves it standing. */
  private static void everything(String who, Handle zk, String path) {
    Transcript.step(who + ": exists", () -> Transcript.show(zk.exists(path, false)));
    Transcript.step(who + ": get", () -> Transcript.show(zk.getData(path, false, null)));
    Transcript.step(who + ": children", () -> new TreeSet<>(zk.getChildren(path, false)));
    Transcript.step(who + ": number of all children", () -> zk.getAllChildrenNumber(path));
    Transcript.step(who + ": acl", () -> Transcript.show(zk.getACL(path, new Stat())));
    Transcript.step(who + ": set", () -> Transcript.show(zk.setData(path, Transcript.bytes("y"), -1)));
    Transcript.step(who + ": create", () -> zk.create(path + "/made", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
    Transcript.step(who + ": delete a child", () -> {
      zk.delete(path + "/made", -1);
      return "deleted";
    });
    Transcript.step(who + ": delete a child that may be missing", () -> {
      zk.delete(path + "/missing", -1);
      return "deleted";
    });
    Transcript.step(who + ": multi check", () -> zk.multi(List.of(Op.check(path, -1))).size());
    Transcript.step(who + ": multi set", () -> zk.multi(List.of(Op.setData(path, Transcript.bytes("z"), -1))).size());
    Transcript.step(who + ": multi create and delete", () -> zk.multi(List.of(
        Op.create(path + "/m", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT), Op.delete(path + "/m", -1))).size());
    Transcript.step(who + ": multi read", () -> MultiSteps.show(zk.multi(List.of(Op.getData(path), Op.getChildren(path)))));
    Transcript.step(who + ": sync", () -> {
      zk.sync(path);
      return "done";
    });
  }

  private static void setting(Handle zk, Handle alice) {
    Transcript.step("set acl without ADMIN", () -> zk.setACL("/acl/only-1", OPEN_ACL_UNSAFE, -1));
    Transcript.step("set acl with ADMIN", () -> Transcript.show(zk.setACL("/acl/only-16", OPEN_ACL_UNSAFE, -1)));
    Transcript.step("set acl at a version", () -> Transcript.show(alice.setACL("/acl/alice", CREATOR_ALL_ACL, 0)));
    Transcript.step("set acl at a version that has passed", () -> alice.setACL("/acl/alice", CREATOR_ALL_ACL, 0));
    Transcript.step("set an invalid acl", () -> alice.setACL("/acl/alice", Arrays.asList(new ACL(Perms.ALL, new Id("digest", "x"))), -1));
    Transcript.step("set acl for auth without an identity", () -> zk.setACL("/acl/twice", Arrays.asList(new ACL(Perms.ALL, AUTH_IDS)), -1));
    Transcript.step("a second identity", () -> {
      alice.addAuthInfo("digest", Transcript.bytes("carol:secret"));
      alice.setACL("/acl/alice", CREATOR_ALL_ACL, -1);
      return Transcript.show(alice.getACL("/acl/alice", new Stat())) + " " + alice.whoAmI().size();
    });
    Transcript.step("acl masked for who may only read", () -> Transcript.show(zk.getACL("/acl/only-1", new Stat())));
    Transcript.step("a multi that fails for want of permission", () -> zk.multi(List.of(
        Op.create("/acl/first", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT), Op.setData("/acl/alice", null, -1),
        Op.create("/acl/third", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT))));
    Transcript.step("nothing of it happened", () -> zk.exists("/acl/first", false));
  }

  private static void superuser(String address) throws Exception {
    try (Handle root = Handle.open(address, JavaClient.SESSION_MS)) {
      root.addAuthInfo("digest", Transcript.bytes("super:test"));
      Transcript.step("who am I as super", () -> root.whoAmI().stream().map(id -> id.getAuthScheme() + ":" + id.getUser()).sorted().toList());
      everything("super on alice's node", root, "/acl/alice");
      everything("super on a node without permissions", root, "/acl/none");
      Transcript.step("super sets an acl", () -> Transcript.show(root.setACL("/acl/none", OPEN_ACL_UNSAFE, -1)));
      Transcript.step("super reads digests", () -> Transcript.show(root.getACL("/acl/only-1", new Stat())));
      Transcript.step("super writes the configuration", () -> Transcript.show(root.setData("/zookeeper/config", Transcript.bytes("x"), -1)));
    }
  }

  private static void oddAuthentication(String address) {
    Transcript.step("a digest without a colon", () -> {
      try (Handle own = Handle.open(address, JavaClient.SESSION_MS)) {
        own.addAuthInfo("digest", Transcript.bytes("nocolon"));
        return own.whoAmI().size() + " " + own.create("/acl/nocolon", null, CREATOR_ALL_ACL, CreateMode.PERSISTENT);
      }
    });
    Transcript.step("the ip scheme by auth", () -> {
      try (Handle own = Handle.open(address, JavaClient.SESSION_MS)) {
        own.addAuthInfo("ip", Transcript.bytes("x"));
        return own.whoAmI().stream().map(id -> id.getAuthScheme() + ":" + id.getUser()).sorted().toList();
      }
    });
  }
}
