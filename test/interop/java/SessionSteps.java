import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.util.TreeSet;
import org.apache.zookeeper.CreateMode;

/** Sessions that are taken up, expired and closed. */
final class SessionSteps {
  private SessionSteps() {}

  static void run(Handle zk, String address) throws Exception {
    zk.create("/session", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    timeouts(address);
    moving(zk, address);
    expiring(zk, address);
    closing(zk, address);
  }

  private static void timeouts(String address) {
    for (int asked : new int[] {300, 999, 1000, 4321, 10_000, 10_001, 1_000_000}) {
      Transcript.step("asking for a timeout of " + asked, () -> {
        try (Handle own = Handle.open(address, asked)) {
          return own.getSessionTimeout();
        }
      });
    }
  }

  private static void moving(Handle zk, String address) throws Exception {
    try (TcpProxy proxy = new TcpProxy(Integer.parseInt(address.substring(address.indexOf(':') + 1)));
        Handle first = Handle.open(proxy.address(), 10_000)) {
      first.create("/session/moving", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
      proxy.cut();
      first.events.await("None Disconnected");
      try (Handle second = Handle.resume(address, 10_000, first.getSessionId(), first.getSessionPasswd())) {
        Transcript.step("a second handle takes up the session", () -> second.events.await("None SyncConnected"));
        Transcript.step("with the same id", () -> second.getSessionId() == first.getSessionId());
        Transcript.step("with its ephemerals", second::getEphemerals);
        Transcript.step("and may add to them", () -> second.create("/session/moved", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL));
      }
      Transcript.step("closing by the second handle removes all", () -> zk.getChildren("/session", false));
      proxy.mend();
      Transcript.step("the first handle finds it ended", () -> first.events.await("None Expired"));
    }
  }

  private static void expiring(Handle zk, String address) throws Exception {
    try (TcpProxy proxy = new TcpProxy(Integer.parseInt(address.substring(address.indexOf(':') + 1)));
        Handle own = Handle.open(proxy.address(), 1000)) {
      own.create("/session/expiring", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
      Handle.Recorder watcher = new Handle.Recorder();
      zk.exists("/session/expiring", watcher);
      proxy.cut();
      Transcript.step("the server ends a silent session", () -> watcher.await("NodeDeleted"));
      proxy.mend();
      Transcript.step("its client is told", () -> own.events.await("None Expired") + " " + own.getState());
      Transcript.step("and can do nothing more", () -> own.exists("/", false));
    }
  }

  private static void closing(Handle zk, String address) throws Exception {
    Handle own = Handle.open(address, 10_000);
    for (int i = 0; i < 3; i++) own.create("/session/closing-" + i, null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
    Handle.Recorder watcher = new Handle.Recorder();
    for (int i = 0; i < 3; i++) zk.exists("/session/closing-" + i, watcher);
    zk.getChildren("/session", watcher);
    own.close();
    Transcript.step("closing removes ephemerals and tells watchers", () ->
        new TreeSet<>(java.util.List.of(zk.seen(watcher).split(", "))) + " " + Transcript.show(zk.exists("/session", false)));
    Transcript.step("a closed handle can do nothing more", () -> own.exists("/", false));
  }
}
