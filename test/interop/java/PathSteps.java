import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.proto.Create2Response;
import org.apache.zookeeper.proto.CreateRequest;
import org.apache.zookeeper.proto.CreateTTLRequest;
import org.apache.zookeeper.proto.DeleteRequest;
import org.apache.zookeeper.proto.ExistsRequest;
import org.apache.zookeeper.proto.GetDataRequest;
import org.apache.zookeeper.proto.SetDataRequest;

/** Names and sizes: what is valid, what is not, and what happens to requests the client itself would not send. */
final class PathSteps {
  private PathSteps() {}

  static void run(Handle zk, String address) throws Exception {
    names(zk);
    invalidRequests(zk);
    chroot(address);
    sizes(zk);
  }

  private static void names(Handle zk) throws Exception {
    zk.create("/paths", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    for (String name : new String[] {"espa\u00f1ol", "\u65e5\u672c\u8a9e", "with space", "dots...", "..dots", "a:b=c;d,e", "%2F\\", "\u0430\u0301"}) {
      String path = "/paths/" + name;
      Transcript.step("create " + path, () -> zk.create(path, name.getBytes(StandardCharsets.UTF_8), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
      Transcript.step("get " + path, () -> Transcript.show(zk.getData(path, false, null)));
    }
    Transcript.step("list names", () -> new TreeSet<>(zk.getChildren("/paths", false)));
    Transcript.step("data beyond the basic plane", () -> {
      zk.create("/paths/emoji", "\ud83e\udda6 meerkat".getBytes(StandardCharsets.UTF_8), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      return Transcript.show(zk.getData("/paths/emoji", false, null));
    });
    Transcript.step("data of every byte", () -> {
      byte[] every = new byte[256];
      for (int i = 0; i < 256; i++) every[i] = (byte) i;
      zk.create("/paths/bytes", every, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      return Transcript.show(zk.getData("/paths/bytes", false, null));
    });
    Transcript.step("a long path", () -> {
      String path = "/paths/" + "long".repeat(500);
      return zk.create(path, null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT).length() + " " + Transcript.show(zk.exists(path, false));
    });
    Transcript.step("a path refused by the client", () -> zk.exists("/paths/../x", false));
  }

  private static void invalidRequests(Handle zk) {
    String[] paths = {
      "", "no-slash", "/paths/", "//", "/paths//x", "/paths/./x", "/paths/..", "/paths/.", "/paths/\u0001x", "/paths/\u007fx",
      "/paths/\ue000x", "/paths/\ufff5x", "/paths/\ud83e\udda6", "/paths/nul\u0000nul",
    };
    for (String path : paths) {
      Transcript.step("raw create of '" + path + "'", () ->
          zk.raw(OpCode.create2, new CreateRequest(path, null, OPEN_ACL_UNSAFE, 0), new Create2Response()));
      Transcript.step("raw set of '" + path + "'", () -> zk.raw(OpCode.setData, new SetDataRequest(path, null, -1), null));
      Transcript.step("raw delete of '" + path + "'", () -> zk.raw(OpCode.delete, new DeleteRequest(path, -1), null));
      Transcript.step("raw exists of '" + path + "'", () -> zk.raw(OpCode.exists, new ExistsRequest(path, false), null));
      Transcript.step("raw get of '" + path + "'", () -> zk.raw(OpCode.getData, new GetDataRequest(path, false), null));
    }
    Transcript.step("raw sequential create with a slash at the end", () -> {
      Create2Response response = new Create2Response();
      return zk.raw(OpCode.create2, new CreateRequest("/paths/", null, OPEN_ACL_UNSAFE, 2), response) + " " + response.getPath();
    });
    for (int flags : new int[] {-1, 4, 5, 6, 7, 8, 99}) {
      Transcript.step("raw create with flags " + flags, () ->
          zk.raw(OpCode.create, new CreateRequest("/paths/flags" + flags, null, OPEN_ACL_UNSAFE, flags), null));
    }
    Transcript.step("raw createContainer with the flags of a plain node", () ->
        zk.raw(OpCode.createContainer, new CreateRequest("/paths/container0", null, OPEN_ACL_UNSAFE, 0), null));
    Transcript.step("owner of what it made", () -> Transcript.show(zk.exists("/paths/container0", false)));
    Transcript.step("raw createTTL with the flags of a plain node", () ->
        zk.raw(OpCode.createTTL, new CreateTTLRequest("/paths/ttl0", null, OPEN_ACL_UNSAFE, 0, 5), null));
    Transcript.step("raw createTTL with a TTL below zero", () ->
        zk.raw(OpCode.createTTL, new CreateTTLRequest("/paths/ttl-1", null, OPEN_ACL_UNSAFE, 5, -1), null));
    Transcript.step("raw create without an ACL", () ->
        zk.raw(OpCode.create, new CreateRequest("/paths/acl-empty", null, List.of(), 0), null));
    Transcript.step("raw create with a null ACL", () -> zk.raw(OpCode.create, new CreateRequest("/paths/acl-null", null, null, 0), null));
  }

  private static void chroot(String address) {
    Transcript.step("a chroot that does not exist", () -> {
      try (Handle rooted = Handle.open(address + "/chroot/app", JavaClient.SESSION_MS)) {
        return rooted.create("/x", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      }
    });
    Transcript.step("work in a chroot", () -> {
      try (Handle rooted = Handle.open(address + "/paths", JavaClient.SESSION_MS)) {
        rooted.addWatch("/", org.apache.zookeeper.AddWatchMode.PERSISTENT_RECURSIVE);
        String created = rooted.create("/in-chroot", Transcript.bytes("c"), OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL);
        return created + " " + rooted.getEphemerals("/") + " " + Transcript.show(rooted.getData(created, false, new Stat())) + " " + rooted.seen();
      }
    });
  }

  private static void sizes(Handle zk) {
    for (int size : new int[] {1, 1000, 100_000, 1_000_000}) {
      Transcript.step("a node of " + size + " bytes", () -> {
        zk.create("/paths/size" + size, new byte[size], OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        return Transcript.show(zk.getData("/paths/size" + size, false, null)) + " " + Transcript.show(zk.exists("/paths/size" + size, false));
      });
    }
  }
}
