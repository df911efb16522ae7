import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.proto.CheckVersionRequest;

/** Requests after which the server closes the connection. Nobody else notices. */
final class TroubleSteps {
  /** The largest frame either side takes: the default of jute.maxbuffer. */
  private static final int MAX_BUFFER = 0xfffff;

  private TroubleSteps() {}

  static void run(Handle zk, String address) throws Exception {
    zk.create("/trouble", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    // The frame of a set: header 8, path 4 + its length, data 4 + its length, version 4.
    int overhead = 8 + 4 + "/trouble".length() + 4 + 4;
    for (int excess : new int[] {-1, 0, 1, 2, 1000}) {
      Transcript.step("a frame " + excess + " from the limit", () -> {
        try (Handle own = Handle.open(address, JavaClient.SESSION_MS)) {
          return own.setData("/trouble", new byte[MAX_BUFFER + excess - overhead], -1).getDataLength() - MAX_BUFFER;
        }
      });
    }
    for (int type : new int[] {OpCode.check, 10, 999}) {
      Transcript.step("raw operation " + type, () -> {
        try (Handle own = Handle.open(address, JavaClient.SESSION_MS)) {
          return own.raw(type, new CheckVersionRequest("/trouble", -1), null);
        }
      });
    }
    Transcript.step("an unknown scheme", () -> {
      try (Handle own = Handle.open(address, JavaClient.SESSION_MS)) {
        own.addAuthInfo("nobody", Transcript.bytes("knows"));
        return own.events.await("None AuthFailed") + " " + own.getState();
      }
    });
    mistaken(address);
    Transcript.step("the session beside them lives on", () -> zk.seen() + " " + zk.getState());
  }

  /** Apache closes the connection of a session whose password somebody guessed wrong, so its own owner is in trouble too. */
  private static void mistaken(String address) throws Exception {
    try (Handle owner = Handle.open(address, 10_000)) {
      owner.create("/trouble/guarded", null, OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
      try (TcpProxy proxy = new TcpProxy(Integer.parseInt(address.substring(address.indexOf(':') + 1)))) {
        Transcript.step("a session that never was", () -> {
          try (Handle own = Handle.resume(proxy.address(), 10_000, 0x1234567890L, new byte[16])) {
            return own.events.await("None Expired") + " " + own.getState();
          }
        });
      }
      Transcript.step("a wrong password", () -> {
        try (Handle own = Handle.resume(address, 10_000, owner.getSessionId(), new byte[16])) {
          return own.events.await("None Expired") + " " + own.getState();
        }
      });
    }
  }
}
