import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.util.TreeSet;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;

/** A broken wire and a killed server: the session, its ephemerals and its watches come through. */
final class ReconnectSteps {
  private ReconnectSteps() {}

  static void run(Handle zk, String address) throws Exception {
    try (TcpProxy proxy = new TcpProxy(Integer.parseInt(address.substring(address.indexOf(':') + 1)));
        Handle own = Handle.open(proxy.address(), 20_000)) {
      zk.create("/reconnect", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      brokenWire(zk, own, proxy);
      killedServer(zk, own);
    }
    Transcript.step("closing ended the session's ephemerals", () -> zk.exists("/reconnect/eph", false));
  }

  private static void brokenWire(Handle zk, Handle own, TcpProxy proxy) throws Exception {
    for (String name : new String[] {"changed", "deleted", "same", "children", "childless", "recreated"}) {
      zk.create("/reconnect/" + name, null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      own.getData("/reconnect/" + name, true, null);
      own.getChildren("/reconnect/" + name, true);
    }
    own.exists("/reconnect/created", true);
    own.exists("/reconnect/still-missing", true);
    Handle.Recorder persistent = new Handle.Recorder(), recursive = new Handle.Recorder();
    own.addWatch("/reconnect/p", persistent, AddWatchMode.PERSISTENT);
    own.addWatch("/reconnect", recursive, AddWatchMode.PERSISTENT_RECURSIVE);
    own.create("/reconnect/eph", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
    own.seen();
    long id = own.getSessionId();
    proxy.cut();
    own.events.await("None Disconnected");
    zk.setData("/reconnect/changed", null, -1);
    zk.delete("/reconnect/deleted", -1);
    zk.create("/reconnect/children/one", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    zk.create("/reconnect/created", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    zk.create("/reconnect/p", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    zk.delete("/reconnect/recreated", -1);
    zk.create("/reconnect/recreated", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    Transcript.step("an ephemeral outlives a broken wire", () -> Transcript.show(zk.exists("/reconnect/eph", false)));
    proxy.mend();
    Transcript.step("the wire is mended", () -> own.events.await("None SyncConnected"));
    Transcript.step("the session is the same", () -> own.getSessionId() == id);
    Transcript.step("watches tell what was missed", () -> sorted(own.seen()));
    persistent.take();
    recursive.take();
    Transcript.step("watches that stood still stand", () -> {
      zk.setData("/reconnect/same", null, -1);
      zk.create("/reconnect/childless/c", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      zk.create("/reconnect/still-missing", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      zk.setData("/reconnect/p", null, -1);
      own.sync("/");
      return own.seen() + " | " + own.seen(persistent) + " | " + own.seen(recursive);
    });
    Transcript.step("ephemerals of the mended session", own::getEphemerals);
  }

  private static void killedServer(Handle zk, Handle own) throws Exception {
    zk.create("/reconnect/kept", Transcript.bytes("kept"), OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    own.getData("/reconnect/kept", true, null);
    Handle.Recorder recursive = new Handle.Recorder();
    zk.addWatch("/reconnect/kept", recursive, AddWatchMode.PERSISTENT_RECURSIVE);
    zk.seen();
    Transcript.restartServer();
    Transcript.step("the first handle is back", () -> zk.events.await("None SyncConnected"));
    Transcript.step("the second handle is back", () -> own.events.await("None SyncConnected"));
    Transcript.step("the tree survived", () -> Transcript.show(zk.getData("/reconnect/kept", false, null)) + " "
        + Transcript.show(zk.exists("/reconnect/kept", false)) + " " + new TreeSet<>(zk.getChildren("/", false)));
    Transcript.step("ephemerals survived", () -> new TreeSet<>(zk.getEphemerals()) + " " + own.getEphemerals());
    Transcript.step("stats of quotas are counted anew", () -> zk.getAllChildrenNumber("/zookeeper"));
    recursive.take();
    Transcript.step("watches survived", () -> {
      zk.setData("/reconnect/kept", Transcript.bytes("new"), -1);
      own.sync("/");
      return own.seen() + " | " + zk.seen(recursive);
    });
    Transcript.step("the next zxid follows the last", () ->
        Transcript.show(zk.setData("/reconnect/kept", Transcript.bytes("newer"), -1)));
  }

  private static TreeSet<String> sorted(String events) {
    return new TreeSet<>(java.util.List.of(events.split(", ")));
  }
}
