import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.curator.framework.recipes.atomic.AtomicValue;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicInteger;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;
import org.apache.curator.framework.recipes.locks.InterProcessMultiLock;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreMutex;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.framework.recipes.shared.SharedCountListener;
import org.apache.curator.framework.recipes.shared.SharedCountReader;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.data.Stat;

/** Apache Curator, its framework and its recipes: `java CuratorClient host:port`. */
final class CuratorClient {
  static final int WAIT_S = 20;

  private CuratorClient() {}

  public static void main(String[] arguments) throws Exception {
    try (CuratorFramework one = connect(arguments[0]); CuratorFramework two = connect(arguments[0])) {
      framework(one);
      locks(one, two);
      leaders(one, two);
      barriers(one, two);
      counters(one, two);
      CuratorCaches.run(one);
      CuratorNodes.run(one, two);
      restart(one);
    }
    System.exit(0);
  }

  private static CuratorFramework connect(String address) throws Exception {
    CuratorFramework client = CuratorFrameworkFactory.builder().connectString(address).namespace("curator")
        .sessionTimeoutMs(10_000).connectionTimeoutMs(10_000).retryPolicy(new RetryOneTime(200)).build();
    client.start();
    client.blockUntilConnected(WAIT_S, TimeUnit.SECONDS);
    return client;
  }

  private static void framework(CuratorFramework client) {
    Transcript.step("create with parents", () -> client.create().creatingParentsIfNeeded().forPath("/f/a/b", Transcript.bytes("b")));
    Transcript.step("create with parent containers", () -> client.create().creatingParentContainersIfNeeded().forPath("/f/c/d", Transcript.bytes("d")));
    Transcript.step("create or set", () -> client.create().orSetData().forPath("/f/a/b", Transcript.bytes("c")));
    Transcript.step("create with a stat", () -> {
      Stat stat = new Stat();
      client.create().storingStatIn(stat).forPath("/f/s", Transcript.bytes("s"));
      return stat.getVersion() + " " + stat.getDataLength();
    });
    Transcript.step("create with protection", () -> client.create().withProtection().withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath("/f/p-")
        .replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "(guid)"));
    Transcript.step("create with a TTL", () -> client.create().withTtl(60_000).withMode(CreateMode.PERSISTENT_WITH_TTL).forPath("/f/ttl"));
    Transcript.step("create idempotently", () -> client.create().idempotent().forPath("/f/i", Transcript.bytes("i")) + client.create().idempotent().forPath("/f/i", Transcript.bytes("i")));
    Transcript.step("create compressed", () -> client.create().compressed().forPath("/f/z", new byte[5000]));
    Transcript.step("get decompressed", () -> client.getData().decompressed().forPath("/f/z").length);
    Transcript.step("get", () -> Transcript.show(client.getData().forPath("/f/a/b")));
    Transcript.step("set at a version", () -> client.setData().withVersion(0).forPath("/f/a/b", Transcript.bytes("x")).getVersion());
    Transcript.step("children", () -> new TreeSet<>(client.getChildren().forPath("/f/a")));
    Transcript.step("acl", () -> Transcript.show(client.getACL().forPath("/f/a")));
    Transcript.step("transaction", () -> {
      List<CuratorTransactionResult> results = client.transaction().forOperations(
          client.transactionOp().create().forPath("/f/t", Transcript.bytes("t")), client.transactionOp().setData().forPath("/f/t", Transcript.bytes("u")),
          client.transactionOp().check().withVersion(1).forPath("/f/t"), client.transactionOp().delete().forPath("/f/t"));
      return results.stream().map(result -> result.getType() + " " + result.getForPath() + " " + result.getError()).toList();
    });
    Transcript.step("transaction that fails", () -> client.transaction().forOperations(
        client.transactionOp().create().forPath("/f/t2"), client.transactionOp().check().withVersion(9).forPath("/f/a")));
    Transcript.step("in the background", () -> {
      BlockingQueue<String> answers = new LinkedBlockingQueue<>();
      client.getData().inBackground((self, event) -> answers.add(event.getType() + " " + event.getResultCode() + " " + event.getPath())).forPath("/f/none");
      client.sync().inBackground((self, event) -> answers.add(event.getType() + " " + event.getResultCode() + " " + event.getPath())).forPath("/f");
      return answers.poll(WAIT_S, TimeUnit.SECONDS) + ", " + answers.poll(WAIT_S, TimeUnit.SECONDS);
    });
    Transcript.step("delete with children", () -> client.delete().guaranteed().deletingChildrenIfNeeded().forPath("/f"));
    Transcript.step("it is gone", () -> client.checkExists().forPath("/f"));
  }

  private static void locks(CuratorFramework one, CuratorFramework two) {
    Transcript.step("InterProcessMutex", () -> {
      InterProcessMutex mine = new InterProcessMutex(one, "/lock"), theirs = new InterProcessMutex(two, "/lock");
      mine.acquire();
      mine.acquire();
      boolean early = apart(() -> theirs.acquire(100, TimeUnit.MILLISECONDS));
      mine.release();
      mine.release();
      return early + " " + apart(() -> theirs.acquire(WAIT_S, TimeUnit.SECONDS)) + " " + theirs.getParticipantNodes().size();
    });
    Transcript.step("a mutex under contention", () -> {
      List<Integer> counted = Collections.synchronizedList(new ArrayList<>());
      List<Callable<Object>> tasks = new ArrayList<>();
      int[] counter = {0};
      for (int i = 0; i < 6; i++) {
        CuratorFramework client = i % 2 == 0 ? one : two;
        tasks.add(() -> {
          InterProcessMutex lock = new InterProcessMutex(client, "/contended");
          for (int turn = 0; turn < 10; turn++) {
            lock.acquire();
            counted.add(counter[0]++);
            lock.release();
          }
          return null;
        });
      }
      ExecutorService threads = Executors.newFixedThreadPool(6);
      for (Future<Object> task : threads.invokeAll(tasks)) task.get();
      threads.shutdown();
      return counted.size() + " in order: " + counted.equals(counted.stream().sorted().toList());
    });
    Transcript.step("InterProcessSemaphoreMutex", () -> {
      InterProcessSemaphoreMutex mine = new InterProcessSemaphoreMutex(one, "/smutex"), theirs = new InterProcessSemaphoreMutex(two, "/smutex");
      mine.acquire();
      boolean early = theirs.acquire(100, TimeUnit.MILLISECONDS);
      mine.release();
      return early + " " + theirs.acquire(WAIT_S, TimeUnit.SECONDS);
    });
    Transcript.step("InterProcessReadWriteLock", () -> {
      InterProcessReadWriteLock mine = new InterProcessReadWriteLock(one, "/rw"), theirs = new InterProcessReadWriteLock(two, "/rw");
      mine.readLock().acquire();
      boolean shared = apart(() -> theirs.readLock().acquire(WAIT_S, TimeUnit.SECONDS));
      boolean exclusive = apart(() -> theirs.writeLock().acquire(100, TimeUnit.MILLISECONDS));
      mine.readLock().release();
      return shared + " " + exclusive + " " + mine.writeLock().acquire(100, TimeUnit.MILLISECONDS);
    });
    Transcript.step("InterProcessMultiLock", () -> {
      InterProcessMultiLock all = new InterProcessMultiLock(one, List.of("/m1", "/m2", "/m3"));
      all.acquire();
      boolean partly = apart(() -> new InterProcessMutex(two, "/m2").acquire(100, TimeUnit.MILLISECONDS));
      all.release();
      return partly + " " + apart(() -> new InterProcessMutex(two, "/m2").acquire(WAIT_S, TimeUnit.SECONDS));
    });
    Transcript.step("InterProcessSemaphoreV2", () -> {
      InterProcessSemaphoreV2 mine = new InterProcessSemaphoreV2(one, "/semaphore", 3), theirs = new InterProcessSemaphoreV2(two, "/semaphore", 3);
      var leases = mine.acquire(2);
      Lease third = theirs.acquire(WAIT_S, TimeUnit.SECONDS), fourth = theirs.acquire(100, TimeUnit.MILLISECONDS);
      mine.returnAll(leases);
      return (third != null) + " " + (fourth != null) + " " + theirs.acquire(2, WAIT_S, TimeUnit.SECONDS).size() + " " + mine.getParticipantNodes().size();
    });
  }

  private static void leaders(CuratorFramework one, CuratorFramework two) {
    Transcript.step("LeaderLatch", () -> {
      LeaderLatch first = new LeaderLatch(one, "/latch", "first"), second = new LeaderLatch(two, "/latch", "second");
      first.start();
      first.await(WAIT_S, TimeUnit.SECONDS);
      second.start();
      while (first.getParticipants().size() < 2) Thread.sleep(10);
      String before = first.hasLeadership() + " " + second.hasLeadership() + " " + second.getLeader().getId();
      first.close();
      boolean after = second.await(WAIT_S, TimeUnit.SECONDS);
      String leader = second.getLeader().getId();
      second.close();
      return before + " " + after + " " + leader;
    });
    Transcript.step("LeaderSelector", () -> {
      BlockingQueue<String> led = new LinkedBlockingQueue<>();
      List<LeaderSelector> selectors = new ArrayList<>();
      for (String name : new String[] {"first", "second"}) {
        LeaderSelector selector = new LeaderSelector(name.equals("first") ? one : two, "/selector", new LeaderSelectorListenerAdapter() {
          @Override
          public void takeLeadership(CuratorFramework client) {
            led.add(name);
          }
        });
        selector.setId(name);
        selector.start();
        selectors.add(selector);
        String leader = led.poll(WAIT_S, TimeUnit.SECONDS);
        if (!name.equals(leader)) return name + " did not lead but " + leader;
      }
      selectors.get(0).requeue();
      String again = led.poll(WAIT_S, TimeUnit.SECONDS);
      selectors.forEach(LeaderSelector::close);
      return "both led, then again " + again;
    });
  }

  private static void barriers(CuratorFramework one, CuratorFramework two) {
    Transcript.step("DistributedBarrier", () -> {
      DistributedBarrier mine = new DistributedBarrier(one, "/barrier"), theirs = new DistributedBarrier(two, "/barrier");
      mine.setBarrier();
      boolean early = theirs.waitOnBarrier(100, TimeUnit.MILLISECONDS);
      mine.removeBarrier();
      return early + " " + theirs.waitOnBarrier(WAIT_S, TimeUnit.SECONDS);
    });
    Transcript.step("DistributedDoubleBarrier", () -> {
      ExecutorService threads = Executors.newFixedThreadPool(2);
      List<Callable<Object>> tasks = new ArrayList<>();
      for (CuratorFramework client : new CuratorFramework[] {one, two}) {
        tasks.add(() -> {
          DistributedDoubleBarrier barrier = new DistributedDoubleBarrier(client, "/double", 2);
          return barrier.enter(WAIT_S, TimeUnit.SECONDS) + " " + barrier.leave(WAIT_S, TimeUnit.SECONDS);
        });
      }
      List<Object> results = new ArrayList<>();
      for (Future<Object> task : threads.invokeAll(tasks)) results.add(task.get());
      threads.shutdown();
      return results;
    });
  }

  private static void counters(CuratorFramework one, CuratorFramework two) {
    Transcript.step("SharedCount", () -> {
      BlockingQueue<Integer> told = new LinkedBlockingQueue<>();
      try (SharedCount mine = new SharedCount(one, "/shared", 5); SharedCount theirs = new SharedCount(two, "/shared", 7)) {
        mine.start();
        theirs.start();
        theirs.addListener(new SharedCountListener() {
          @Override
          public void countHasChanged(SharedCountReader count, int value) {
            told.add(value);
          }

          @Override
          public void stateChanged(CuratorFramework client, ConnectionState state) {}
        });
        mine.setCount(8);
        Integer seen = told.poll(WAIT_S, TimeUnit.SECONDS);
        boolean tried = mine.trySetCount(mine.getVersionedValue(), 9);
        return seen + " " + tried + " " + mine.getCount() + " " + mine.getVersionedValue().getVersion();
      }
    });
    Transcript.step("DistributedAtomicLong", () -> {
      DistributedAtomicLong mine = new DistributedAtomicLong(one, "/long", new RetryOneTime(10)), theirs = new DistributedAtomicLong(two, "/long", new RetryOneTime(10));
      return show(mine.increment()) + show(theirs.add(10L)) + show(mine.subtract(3L)) + show(theirs.compareAndSet(8L, 100L)) + show(mine.compareAndSet(8L, 1L)) + show(mine.get());
    });
    Transcript.step("DistributedAtomicInteger", () -> {
      DistributedAtomicInteger mine = new DistributedAtomicInteger(one, "/int", new RetryOneTime(10));
      return mine.initialize(4) + " " + mine.initialize(5) + " " + mine.trySet(6).postValue() + " " + mine.decrement().postValue();
    });
  }

  private static void restart(CuratorFramework client) throws Exception {
    BlockingQueue<ConnectionState> states = new LinkedBlockingQueue<>();
    client.getConnectionStateListenable().addListener((self, state) -> states.add(state));
    LeaderLatch latch = new LeaderLatch(client, "/latch2", "only");
    latch.start();
    latch.await(WAIT_S, TimeUnit.SECONDS);
    Transcript.restartServer();
    Transcript.step("states through a restart", () -> states.poll(WAIT_S, TimeUnit.SECONDS) + " " + states.poll(WAIT_S, TimeUnit.SECONDS));
    Transcript.step("leadership is won again", () -> latch.await(WAIT_S, TimeUnit.SECONDS));
    latch.close();
  }

  private static String show(AtomicValue<Long> value) {
    return value.succeeded() + " " + value.preValue() + ">" + value.postValue() + "; ";
  }

  /** Locks belong to threads, so another holder needs another thread. */
  private static boolean apart(Callable<Boolean> body) throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      return thread.submit(body).get();
    } finally {
      thread.shutdown();
    }
  }
}
