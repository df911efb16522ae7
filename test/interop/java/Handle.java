import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.jute.Record;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.proto.ReplyHeader;
import org.apache.zookeeper.proto.RequestHeader;

/** A ZooKeeper handle that keeps the events it got and can send requests the public methods would refuse to send. */
final class Handle extends ZooKeeper {
  /** Every watcher of this handle that is not given its own. */
  final Recorder events;

  private Handle(String address, int timeoutMs, Recorder events) throws IOException {
    super(address, timeoutMs, events);
    this.events = events;
  }

  private Handle(String address, int timeoutMs, Recorder events, long id, byte[] password) throws IOException {
    super(address, timeoutMs, events, id, password);
    this.events = events;
  }

  /** Opens a session and waits until it is connected. */
  static Handle open(String address, int timeoutMs) throws Exception {
    Handle handle = new Handle(address, timeoutMs, new Recorder());
    handle.events.await("None SyncConnected");
    Transcript.knowSession(handle.getSessionId());
    return handle;
  }

  /** Takes up a session by its id and password; what the server said to it is in `events`. */
  static Handle resume(String address, int timeoutMs, long id, byte[] password) throws IOException {
    return new Handle(address, timeoutMs, new Recorder(), id, password);
  }

  /** Sends a request as it is and answers the reply's error code. */
  int raw(int type, Record request, Record response) throws Exception {
    RequestHeader header = new RequestHeader();
    header.setType(type);
    ReplyHeader reply = cnxn.submitRequest(header, request, response, null);
    return reply.getErr();
  }

  /** The events of a watcher up to now: callbacks and events share one queue, so a callback proves all before it came. */
  String seen(Recorder recorder) throws Exception {
    CompletableFuture<Void> passed = new CompletableFuture<>();
    exists("/", false, (code, path, context, stat) -> passed.complete(null), null);
    passed.get(20, TimeUnit.SECONDS);
    return recorder.take();
  }

  String seen() throws Exception {
    return seen(events);
  }

  /** Collects events as text. */
  static final class Recorder implements Watcher {
    private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();

    @Override
    public void process(WatchedEvent event) {
      if (event.getType() == Event.EventType.None) queue.add("None " + event.getState());
      else queue.add(event.getType() + " " + event.getPath() + " at " + Transcript.zxid(event.getZxid()));
    }

    String take() {
      List<String> taken = new ArrayList<>();
      queue.drainTo(taken);
      return taken.isEmpty() ? "nothing" : String.join(", ", taken);
    }

    /** Waits for an event that begins so and forgets what came before it. */
    String await(String beginning) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (true) {
        String event = queue.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (event == null) return "no '" + beginning + "' in 20 seconds";
        if (event.startsWith(beginning)) return event;
      }
    }
  }
}
