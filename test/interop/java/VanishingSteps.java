import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import org.apache.zookeeper.CreateMode;

/** Containers and nodes with a TTL go by themselves. */
final class VanishingSteps {
  private VanishingSteps() {}

  static void run(Handle zk) throws Exception {
    zk.create("/vanish", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    Transcript.step("a container goes after its last child", () -> {
      Handle.Recorder watcher = new Handle.Recorder();
      zk.create("/vanish/container", null, OPEN_ACL_UNSAFE, CreateMode.CONTAINER);
      zk.create("/vanish/container/child", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      zk.delete("/vanish/container/child", -1);
      zk.exists("/vanish/container", watcher);
      return watcher.await("NodeDeleted");
    });
    Transcript.step("a node with a TTL goes when it is over", () -> {
      Handle.Recorder watcher = new Handle.Recorder();
      zk.create("/vanish/ttl", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, null, 50);
      zk.exists("/vanish/ttl", watcher);
      return watcher.await("NodeDeleted");
    });
    Transcript.step("not while it has a child", () -> {
      zk.create("/vanish/parent", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, null, 50);
      zk.create("/vanish/parent/child", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      zk.create("/vanish/container", null, OPEN_ACL_UNSAFE, CreateMode.CONTAINER);
      Thread.sleep(1500);
      return zk.exists("/vanish/parent", false) != null && zk.exists("/vanish/container", false) != null;
    });
  }
}
