import java.util.Arrays;
import java.util.HexFormat;
import java.util.TreeSet;
import org.apache.zookeeper.data.Stat;

/** Prints the whole tree as it is, numbers untouched, and takes up sessions: `java DataWalk host:port [id password]...`. */
final class DataWalk {
  private DataWalk() {}

  public static void main(String[] arguments) throws Exception {
    Handle zk = Handle.open(arguments[0], 30_000);
    zk.addAuthInfo("digest", Transcript.bytes("super:test"));
    walk(zk, "/");
    for (int i = 1; i + 1 < arguments.length; i += 2) {
      long id = Long.parseLong(arguments[i]);
      byte[] password = HexFormat.of().parseHex(arguments[i + 1]);
      Transcript.step("session " + i, () -> {
        Handle own = Handle.resume(arguments[0], 10_000, id, password);
        String taken = own.events.await("None ");
        return taken + " " + own.getSessionTimeout() + " " + new TreeSet<>(own.getEphemerals());
      });
      Transcript.step("session " + i + " closed", () -> {
        Handle own = Handle.resume(arguments[0], 10_000, id, password);
        own.events.await("None SyncConnected");
        own.close();
        return new TreeSet<>(zk.getChildren("/load/eph", false));
      });
    }
    System.exit(0);
  }

  private static void walk(Handle zk, String path) throws Exception {
    Stat stat = new Stat();
    byte[] data = zk.getData(path, false, stat);
    String acl = Transcript.show(zk.getACL(path, new Stat()));
    Transcript.step(path, () -> String.join(" ", Arrays.asList(
        data == null ? "null" : data.length + ":" + Arrays.hashCode(data), "czxid " + stat.getCzxid(), "mzxid " + stat.getMzxid(), "pzxid " + stat.getPzxid(),
        "ctime " + stat.getCtime(), "mtime " + stat.getMtime(), "version " + stat.getVersion(), "cversion " + stat.getCversion(), "aversion " + stat.getAversion(),
        "owner " + stat.getEphemeralOwner(), "children " + stat.getNumChildren(), "acl " + acl)));
    for (String name : new TreeSet<>(zk.getChildren(path, false))) walk(zk, path.equals("/") ? "/" + name : path + "/" + name);
  }
}
