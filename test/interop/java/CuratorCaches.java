import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.cache.NodeCache;
import org.apache.curator.framework.recipes.cache.PathChildrenCache;
import org.apache.curator.framework.recipes.cache.TreeCache;
import org.apache.curator.framework.recipes.watch.PersistentWatcher;

/** Curator's caches: each is told of the same changes, one at a time. */
@SuppressWarnings("deprecation")
final class CuratorCaches {
  private CuratorCaches() {}

  static void run(CuratorFramework client) {
    Transcript.step("CuratorCache", () -> {
      BlockingQueue<String> told = new LinkedBlockingQueue<>();
      client.create().forPath("/cache1", Transcript.bytes("root"));
      try (CuratorCache cache = CuratorCache.build(client, "/cache1")) {
        cache.listenable().addListener(CuratorCacheListener.builder()
            .forAll((type, before, after) -> told.add(type + " " + (after == null ? before : after).getPath()))
            .forInitialized(() -> told.add("initialized")).build());
        cache.start();
        StringBuilder seen = new StringBuilder(next(told) + ", " + next(told) + ", ");
        change(client, "/cache1", told, seen);
        return seen + " " + cache.size();
      }
    });
    Transcript.step("TreeCache", () -> {
      BlockingQueue<String> told = new LinkedBlockingQueue<>();
      client.create().forPath("/cache2", Transcript.bytes("root"));
      try (TreeCache cache = new TreeCache(client, "/cache2")) {
        cache.getListenable().addListener((self, event) -> told.add(event.getType() + " " + (event.getData() == null ? "" : event.getData().getPath())));
        cache.start();
        StringBuilder seen = new StringBuilder(next(told) + ", " + next(told) + ", ");
        change(client, "/cache2", told, seen);
        return seen + " " + new TreeSet<>(cache.getCurrentChildren("/cache2").keySet());
      }
    });
    Transcript.step("PathChildrenCache", () -> {
      BlockingQueue<String> told = new LinkedBlockingQueue<>();
      client.create().forPath("/cache3", Transcript.bytes("root"));
      try (PathChildrenCache cache = new PathChildrenCache(client, "/cache3", true)) {
        cache.getListenable().addListener((self, event) -> told.add(event.getType() + " " + (event.getData() == null ? "" : event.getData().getPath())));
        cache.start(PathChildrenCache.StartMode.POST_INITIALIZED_EVENT);
        StringBuilder seen = new StringBuilder(next(told) + ", ");
        change(client, "/cache3", told, seen);
        return seen + " " + cache.getCurrentData().size();
      }
    });
    Transcript.step("NodeCache", () -> {
      BlockingQueue<String> told = new LinkedBlockingQueue<>();
      try (NodeCache cache = new NodeCache(client, "/cache4")) {
        cache.getListenable().addListener(() -> told.add(cache.getCurrentData() == null ? "gone" : Transcript.show(cache.getCurrentData().getData())));
        cache.start(true);
        client.create().forPath("/cache4", Transcript.bytes("a"));
        String seen = next(told);
        client.setData().forPath("/cache4", Transcript.bytes("b"));
        seen += " " + next(told);
        client.delete().forPath("/cache4");
        return seen + " " + next(told);
      }
    });
    Transcript.step("PersistentWatcher", () -> {
      BlockingQueue<String> told = new LinkedBlockingQueue<>();
      try (PersistentWatcher watcher = new PersistentWatcher(client, "/watched", true)) {
        watcher.getListenable().addListener(event -> told.add(event.getType() + " " + event.getPath()));
        watcher.getResetListenable().addListener(() -> told.add("set"));
        watcher.start();
        StringBuilder seen = new StringBuilder(next(told) + ", ");
        client.create().forPath("/watched");
        seen.append(next(told)).append(", ");
        change(client, "/watched", told, seen);
        return seen;
      }
    });
  }

  /** The changes, each waited for before the next: a cache may otherwise see two as one. */
  private static void change(CuratorFramework client, String root, BlockingQueue<String> told, StringBuilder seen) throws Exception {
    client.create().forPath(root + "/a", Transcript.bytes("1"));
    seen.append(next(told)).append(", ");
    client.setData().forPath(root + "/a", Transcript.bytes("2"));
    seen.append(next(told)).append(", ");
    client.create().forPath(root + "/b", Transcript.bytes("1"));
    seen.append(next(told)).append(", ");
    client.delete().forPath(root + "/a");
    seen.append(next(told));
  }

  private static String next(BlockingQueue<String> told) throws InterruptedException {
    return told.poll(CuratorClient.WAIT_S, TimeUnit.SECONDS);
  }
}
