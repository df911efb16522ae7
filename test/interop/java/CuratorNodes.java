import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.framework.recipes.nodes.PersistentTtlNode;
import org.apache.curator.framework.recipes.queue.DistributedPriorityQueue;
import org.apache.curator.framework.recipes.queue.DistributedQueue;
import org.apache.curator.framework.recipes.queue.QueueBuilder;
import org.apache.curator.framework.recipes.queue.QueueConsumer;
import org.apache.curator.framework.recipes.queue.QueueSerializer;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.x.discovery.ServiceCache;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.ServiceProvider;
import org.apache.zookeeper.CreateMode;

/** Curator's nodes that stay, groups, queues and service discovery. */
@SuppressWarnings("deprecation")
final class CuratorNodes {
  private CuratorNodes() {}

  static void run(CuratorFramework one, CuratorFramework two) {
    nodes(one, two);
    queues(one, two);
    discovery(one, two);
  }

  private static void nodes(CuratorFramework one, CuratorFramework two) {
    Transcript.step("PersistentNode comes back", () -> {
      try (PersistentNode node = new PersistentNode(one, CreateMode.EPHEMERAL, false, "/persistent", Transcript.bytes("p"))) {
        BlockingQueue<String> created = new LinkedBlockingQueue<>();
        node.getListenable().addListener(created::add);
        node.start();
        String first = created.poll(CuratorClient.WAIT_S, TimeUnit.SECONDS);
        two.delete().forPath("/persistent");
        String second = created.poll(CuratorClient.WAIT_S, TimeUnit.SECONDS);
        node.setData(Transcript.bytes("q"));
        return first + " " + second + " " + Transcript.show(node.getData());
      }
    });
    Transcript.step("PersistentTtlNode", () -> {
      try (PersistentTtlNode node = new PersistentTtlNode(one, "/ttlnode", 5000, Transcript.bytes("t"))) {
        node.start();
        return node.waitForInitialCreate(CuratorClient.WAIT_S, TimeUnit.SECONDS) + " " + Transcript.show(two.getData().forPath("/ttlnode"));
      }
    });
    Transcript.step("GroupMember", () -> {
      try (GroupMember mine = new GroupMember(one, "/group", "one", Transcript.bytes("1")); GroupMember theirs = new GroupMember(two, "/group", "two", Transcript.bytes("2"))) {
        mine.start();
        theirs.start();
        until(() -> mine.getCurrentMembers().size() == 2);
        String both = new TreeSet<>(mine.getCurrentMembers().keySet()).toString();
        theirs.close();
        until(() -> mine.getCurrentMembers().size() == 1);
        return both + " " + mine.getCurrentMembers().keySet();
      }
    });
  }

  private static void queues(CuratorFramework one, CuratorFramework two) {
    Transcript.step("SimpleDistributedQueue", () -> {
      SimpleDistributedQueue queue = new SimpleDistributedQueue(one, "/simple");
      for (String item : new String[] {"a", "b", "c"}) queue.offer(Transcript.bytes(item));
      SimpleDistributedQueue other = new SimpleDistributedQueue(two, "/simple");
      return Transcript.show(other.peek()) + Transcript.show(other.take()) + Transcript.show(queue.poll()) + Transcript.show(queue.remove()) + Transcript.show(queue.poll());
    });
    Transcript.step("DistributedQueue", () -> {
      Collected consumer = new Collected();
      try (DistributedQueue<String> queue = QueueBuilder.builder(one, consumer, new Text(), "/queue").lockPath("/queue-lock").buildQueue()) {
        queue.start();
        for (int i = 0; i < 5; i++) queue.put("item " + i);
        return consumer.next(5);
      }
    });
    Transcript.step("DistributedPriorityQueue", () -> {
      DistributedPriorityQueue<String> producer = QueueBuilder.builder(one, null, new Text(), "/priority").buildPriorityQueue(0);
      producer.start();
      producer.put("late", 10);
      producer.put("early", 1);
      producer.put("middle", 5);
      producer.flushPuts(CuratorClient.WAIT_S, TimeUnit.SECONDS);
      Collected consumer = new Collected();
      try (DistributedPriorityQueue<String> queue = QueueBuilder.builder(two, consumer, new Text(), "/priority").buildPriorityQueue(0)) {
        queue.start();
        return consumer.next(3);
      } finally {
        producer.close();
      }
    });
  }

  private static void discovery(CuratorFramework one, CuratorFramework two) {
    Transcript.step("service discovery", () -> {
      ServiceInstance<Void> instance = ServiceInstance.<Void>builder().name("web").id("w1").address("10.0.0.1").port(80).registrationTimeUTC(0).build();
      try (ServiceDiscovery<Void> mine = ServiceDiscoveryBuilder.builder(Void.class).client(one).basePath("/services").thisInstance(instance).build();
          ServiceDiscovery<Void> theirs = ServiceDiscoveryBuilder.builder(Void.class).client(two).basePath("/services").build()) {
        mine.start();
        theirs.start();
        try (ServiceProvider<Void> provider = theirs.serviceProviderBuilder().serviceName("web").build();
            ServiceCache<Void> cache = theirs.serviceCacheBuilder().name("web").build()) {
          provider.start();
          cache.start();
          mine.registerService(ServiceInstance.<Void>builder().name("web").id("w2").address("10.0.0.2").port(80).registrationTimeUTC(0).build());
          until(() -> cache.getInstances().size() == 2);
          Collection<ServiceInstance<Void>> found = theirs.queryForInstances("web");
          List<String> ids = new ArrayList<>(found.stream().map(ServiceInstance::getId).sorted().toList());
          mine.unregisterService(instance);
          until(() -> cache.getInstances().size() == 1);
          return theirs.queryForNames() + " " + ids + " " + cache.getInstances().get(0).getAddress() + " " + provider.getInstance().getId();
        }
      }
    });
  }

  private static void until(java.util.concurrent.Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CuratorClient.WAIT_S);
    while (!condition.call()) {
      if (System.nanoTime() > deadline) throw new IllegalStateException("waited in vain");
      Thread.sleep(10);
    }
  }

  private static final class Collected implements QueueConsumer<String> {
    private final BlockingQueue<String> taken = new LinkedBlockingQueue<>();

    @Override
    public void consumeMessage(String message) {
      taken.add(message);
    }

    @Override
    public void stateChanged(CuratorFramework client, ConnectionState state) {}

    List<String> next(int count) throws InterruptedException {
      List<String> items = new ArrayList<>();
      while (items.size() < count) items.add(taken.poll(CuratorClient.WAIT_S, TimeUnit.SECONDS));
      return items;
    }
  }

  private static final class Text implements QueueSerializer<String> {
    @Override
    public byte[] serialize(String item) {
      return Transcript.bytes(item);
    }

    @Override
    public String deserialize(byte[] bytes) {
      return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }
  }
}
