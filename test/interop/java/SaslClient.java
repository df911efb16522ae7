import static org.apache.zookeeper.ZooDefs.Ids.CREATOR_ALL_ACL;
import static org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE;

import java.util.Arrays;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/** Apache's Java client over SASL DIGEST-MD5: `java -Djava.security.auth.login.config=client.jaas SaslClient host:port`. */
final class SaslClient {
  private SaslClient() {}

  public static void main(String[] arguments) throws Exception {
    String address = arguments[0];
    ZooKeeper anyone = user(address, null, "SyncConnected");
    anyone.create("/sasl", null, OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    for (String name : new String[] {"Alice", "Bob", "Root"}) {
      ZooKeeper zk = user(address, name, "SaslAuthenticated");
      everything(name, zk);
      zk.close();
    }
    everything("anyone", anyone);
    Transcript.step("an acl of the scheme by anyone", () ->
        anyone.create("/sasl/for-alice", null, Arrays.asList(new ACL(Perms.ALL, new Id("sasl", "alice"))), CreateMode.PERSISTENT));
    Transcript.step("and she may", () -> {
      try (ZooKeeper alice = user(address, "Alice", "SaslAuthenticated")) {
        return Transcript.show(alice.getData("/sasl/for-alice", false, null)) + " " + Transcript.show(alice.getACL("/sasl/for-alice", new Stat()));
      }
    });
    for (String name : new String[] {"Mistaken", "Stranger"}) {
      Transcript.step(name + " is turned away", () -> {
        ZKClientConfig config = new ZKClientConfig();
        config.setProperty(ZKClientConfig.LOGIN_CONTEXT_NAME_KEY, name);
        Handle.Recorder events = new Handle.Recorder();
        ZooKeeper zk = new ZooKeeper(address, JavaClient.SESSION_MS, events, config);
        return events.await("None AuthFailed") + " " + zk.getState();
      });
    }
    System.exit(0);
  }

  private static void everything(String who, ZooKeeper zk) {
    Transcript.step(who + ": who am I", () -> zk.whoAmI().stream().map(id -> id.getAuthScheme() + ":" + id.getUser()).sorted().toList());
    Transcript.step(who + ": create", () -> zk.create("/sasl/" + who, Transcript.bytes(who), CREATOR_ALL_ACL, CreateMode.PERSISTENT));
    for (String of : new String[] {"Alice", "Bob", "Root"}) {
      Transcript.step(who + ": get of " + of, () -> Transcript.show(zk.getData("/sasl/" + of, false, null)));
      Transcript.step(who + ": acl of " + of, () -> Transcript.show(zk.getACL("/sasl/" + of, new Stat())));
      Transcript.step(who + ": set of " + of, () -> zk.setData("/sasl/" + of, Transcript.bytes(who), -1).getVersion());
    }
  }

  private static ZooKeeper user(String address, String section, String state) throws Exception {
    ZKClientConfig config = new ZKClientConfig();
    if (section == null) config.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
    else config.setProperty(ZKClientConfig.LOGIN_CONTEXT_NAME_KEY, section);
    Handle.Recorder events = new Handle.Recorder();
    ZooKeeper zk = new ZooKeeper(address, JavaClient.SESSION_MS, events, config);
    events.await("None " + state);
    return zk;
  }
}
