import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.util.Arrays;
import java.util.List;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher.WatcherType;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.proto.CheckWatchesRequest;

/** The five kinds of watches: what fires, how often, in what order, and how they are removed. */
final class WatchSteps {
  private WatchSteps() {}

  static void run(Handle zk) throws Exception {
    zk.create("/watch", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    zk.events.take();
    oneShot(zk);
    added(zk);
    together(zk);
    removing(zk);
    hidden(zk);
  }

  private static void oneShot(Handle zk) {
    Transcript.step("exists watch on a missing node", () -> zk.exists("/watch/a", true));
    Transcript.step("get watch on a missing node leaves none", () -> zk.getData("/watch/a", true, null));
    Transcript.step("children watch", () -> zk.getChildren("/watch", true));
    Transcript.step("both fire at a create", () -> {
      zk.create("/watch/a", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      return zk.seen();
    });
    Transcript.step("neither fires again", () -> {
      zk.create("/watch/b", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      return zk.seen();
    });
    Transcript.step("data watch at a set", () -> {
      zk.getData("/watch/a", true, null);
      zk.exists("/watch/a", true);
      zk.setData("/watch/a", null, -1);
      zk.setData("/watch/a", null, -1);
      return zk.seen();
    });
    Transcript.step("an ACL change fires nothing", () -> {
      zk.getData("/watch/a", true, null);
      zk.getChildren("/watch/a", true);
      zk.setACL("/watch/a", OPEN_ACL_UNSAFE, -1);
      return zk.seen();
    });
    Transcript.step("a delete fires data and child watches once", () -> {
      zk.getChildren("/watch", true);
      zk.delete("/watch/a", -1);
      return zk.seen();
    });
    Transcript.step("a failed write fires nothing", () -> {
      zk.getData("/watch/b", true, null);
      try {
        zk.setData("/watch/b", null, 99);
      } catch (org.apache.zookeeper.KeeperException.BadVersionException expected) {
        return zk.seen();
      }
      return "no error";
    });
    Transcript.step("two watchers of one node", () -> {
      Handle.Recorder one = new Handle.Recorder(), two = new Handle.Recorder();
      zk.getData("/watch/b", one, null);
      zk.exists("/watch/b", two);
      zk.setData("/watch/b", null, -1);
      return zk.seen(one) + " | " + zk.seen(two);
    });
    Transcript.step("forget the rest", zk::seen);
  }

  private static void added(Handle zk) throws Exception {
    for (AddWatchMode mode : AddWatchMode.values()) {
      Handle.Recorder recorder = new Handle.Recorder();
      Transcript.step(mode + " on a missing node", () -> {
        zk.addWatch("/watch/p", recorder, mode);
        return zk.seen(recorder);
      });
      Transcript.step(mode + " sees all that happens", () -> {
        zk.create("/watch/p", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        zk.setData("/watch/p", null, -1);
        zk.setData("/watch/p", null, -1);
        zk.create("/watch/p/q", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        zk.create("/watch/p/q/r", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        zk.setData("/watch/p/q/r", null, -1);
        zk.delete("/watch/p/q/r", -1);
        zk.delete("/watch/p/q", -1);
        zk.delete("/watch/p", -1);
        zk.create("/watch/p", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        return zk.seen(recorder);
      });
      Transcript.step(mode + " sees a multi in order", () -> {
        zk.multi(List.of(
            Op.create("/watch/p/m", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT), Op.setData("/watch/p", null, -1),
            Op.delete("/watch/p/m", -1), Op.delete("/watch/p", -1)));
        return zk.seen(recorder);
      });
      Transcript.step(mode + " removed", () -> {
        zk.removeWatches("/watch/p", recorder, WatcherType.Any, false);
        zk.create("/watch/p", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        zk.delete("/watch/p", -1);
        return zk.seen(recorder);
      });
    }
    Transcript.step("a recursive watch of the root", () -> {
      Handle.Recorder recorder = new Handle.Recorder();
      zk.addWatch("/", recorder, AddWatchMode.PERSISTENT_RECURSIVE);
      zk.create("/watch/root", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      zk.delete("/watch/root", -1);
      zk.setData("/", null, -1);
      zk.removeWatches("/", recorder, WatcherType.Any, false);
      return zk.seen(recorder);
    });
  }

  private static void together(Handle zk) {
    Transcript.step("all kinds on one node", () -> {
      Handle.Recorder[] recorders = {new Handle.Recorder(), new Handle.Recorder(), new Handle.Recorder(), new Handle.Recorder()};
      zk.create("/watch/t", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      zk.getData("/watch/t", recorders[0], null);
      zk.getChildren("/watch/t", recorders[1]);
      zk.addWatch("/watch/t", recorders[2], AddWatchMode.PERSISTENT);
      zk.addWatch("/watch/t", recorders[3], AddWatchMode.PERSISTENT_RECURSIVE);
      zk.create("/watch/t/c", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      zk.setData("/watch/t", null, -1);
      zk.delete("/watch/t/c", -1);
      zk.delete("/watch/t", -1);
      StringBuilder all = new StringBuilder();
      for (Handle.Recorder recorder : recorders) all.append(zk.seen(recorder)).append(" | ");
      zk.removeAllWatches("/watch/t", WatcherType.Any, false);
      return all;
    });
    Transcript.step("an event comes before the reply that shows it", () -> {
      StringBuffer order = new StringBuffer();
      zk.create("/watch/order", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      zk.getData("/watch/order", event -> order.append("event "), null);
      zk.setData("/watch/order", Transcript.bytes("new"), -1, (code, path, context, stat) -> order.append("set "), null);
      zk.getData("/watch/order", false, (code, path, context, data, stat) -> order.append("get"), null);
      zk.seen();
      return order;
    });
  }

  private static void removing(Handle zk) throws Exception {
    zk.create("/watch/r", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    for (WatcherType type : WatcherType.values()) {
      for (WatcherType set : WatcherType.values()) {
        if (set == WatcherType.Any) continue;
        Handle.Recorder recorder = new Handle.Recorder();
        Transcript.step("removing " + type + " of " + set, () -> {
          watch(zk, set, recorder);
          String removed;
          try {
            zk.removeWatches("/watch/r", recorder, type, false);
            removed = "removed";
          } catch (org.apache.zookeeper.KeeperException e) {
            removed = Transcript.error(e);
          }
          zk.setData("/watch/r", null, -1);
          zk.create("/watch/r/c", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
          zk.delete("/watch/r/c", -1);
          return removed + " " + zk.seen(recorder);
        });
        Transcript.step("clearing up", () -> {
          zk.removeAllWatches("/watch/r", WatcherType.Any, false);
          return "removed";
        });
      }
      Transcript.step("checking for " + type + " where none is", () ->
          zk.raw(OpCode.checkWatches, new CheckWatchesRequest("/watch/none", type.getIntValue()), null));
      Transcript.step("checking for " + type + " where one is", () -> {
        zk.addWatch("/watch/r", AddWatchMode.PERSISTENT_RECURSIVE);
        zk.exists("/watch/r", true);
        int answer = zk.raw(OpCode.checkWatches, new CheckWatchesRequest("/watch/r", type.getIntValue()), null);
        zk.removeAllWatches("/watch/r", WatcherType.Any, false);
        return answer;
      });
      Transcript.step("raw removal of " + type + " where none is", () ->
          zk.raw(OpCode.removeWatches, new CheckWatchesRequest("/watch/none", type.getIntValue()), null));
    }
    Transcript.step("raw removal of a type that is none", () -> zk.raw(OpCode.removeWatches, new CheckWatchesRequest("/watch/r", 77), null));
    // The Java client tells the two removals of one node in either order.
    Transcript.step("forget the rest", () -> zk.seen().split(", ").length);
  }

  private static void watch(Handle zk, WatcherType type, Handle.Recorder recorder) throws Exception {
    switch (type) {
      case Children -> zk.getChildren("/watch/r", recorder);
      case Data -> zk.getData("/watch/r", recorder, null);
      case Persistent -> zk.addWatch("/watch/r", recorder, AddWatchMode.PERSISTENT);
      case PersistentRecursive -> zk.addWatch("/watch/r", recorder, AddWatchMode.PERSISTENT_RECURSIVE);
      default -> throw new IllegalArgumentException(type.toString());
    }
  }

  private static void hidden(Handle zk) {
    Transcript.step("events of a node that may not be read are kept back", () -> {
      Handle.Recorder recorder = new Handle.Recorder();
      zk.addWatch("/watch", recorder, AddWatchMode.PERSISTENT_RECURSIVE);
      List<ACL> unreadable = Arrays.asList(new ACL(Perms.ALL & ~Perms.READ, new Id("world", "anyone")));
      zk.create("/watch/hidden", null, unreadable, CreateMode.PERSISTENT);
      zk.setData("/watch/hidden", null, -1);
      zk.create("/watch/hidden/child", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      zk.delete("/watch/hidden/child", -1);
      zk.delete("/watch/hidden", -1);
      zk.create("/watch/shown", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      zk.removeAllWatches("/watch", WatcherType.Any, false);
      return zk.seen(recorder);
    });
  }
}
