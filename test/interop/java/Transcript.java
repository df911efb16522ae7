import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;

/**
 * What a client program saw, one JSON line a step. Whatever differs from run to run is told in relation to something:
 * zxids count from the first one seen, times say whether they are near, session ids whose they are.
 */
final class Transcript {
  private static final Scanner FROM_TEST = new Scanner(System.in, StandardCharsets.UTF_8);
  private static final List<Long> SESSIONS = new ArrayList<>();
  private static long zxidBase = -1;

  private Transcript() {}

  static void step(String name, Callable<Object> body) {
    String result;
    try {
      result = String.valueOf(body.call());
    } catch (KeeperException e) {
      result = error(e);
    } catch (Exception e) {
      result = e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
    }
    print("{\"step\":" + quote(name) + ",\"result\":" + quote(result) + "}");
  }

  /** Asks the test to kill the server with signal 9 and to start it again on its data; returns when it serves. */
  static void restartServer() {
    control("restart");
  }

  /** Asks the test for something and waits until it has done it. */
  static void control(String wish) {
    print("{\"control\":" + quote(wish) + "}");
    FROM_TEST.nextLine();
  }

  static String error(KeeperException e) {
    List<String> parts = new ArrayList<>(List.of(e.code().toString()));
    if (e.getPath() != null) parts.add(e.getPath());
    if (e.getResults() != null) parts.add(e.getResults().stream().map(MultiSteps::show).collect(Collectors.joining("; ")));
    return String.join(" ", parts);
  }

  static void zxidsCountFrom(long zxid) {
    zxidBase = zxid;
  }

  /** For steps during which the server makes transactions when it likes: sessions that expire, nodes that vanish. */
  static void zxidsCountNoMore() {
    zxidBase = -1;
  }

  static void knowSession(long id) {
    if (!SESSIONS.contains(id)) SESSIONS.add(id);
  }

  static String zxid(long zxid) {
    if (zxid <= 0) return Long.toString(zxid);
    return zxidBase < 0 ? "+?" : "+" + (zxid - zxidBase);
  }

  static String show(Stat stat) {
    if (stat == null) return "no stat";
    return String.format(
        "czxid %s mzxid %s pzxid %s ctime %s mtime %s version %d cversion %d aversion %d owner %s length %d children %d",
        zxid(stat.getCzxid()), zxid(stat.getMzxid()), zxid(stat.getPzxid()), near(stat.getCtime()),
        stat.getMtime() == stat.getCtime() ? "same" : near(stat.getMtime()), stat.getVersion(), stat.getCversion(),
        stat.getAversion(), owner(stat.getEphemeralOwner()), stat.getDataLength(), stat.getNumChildren());
  }

  static String show(byte[] data) {
    if (data == null) return "null";
    if (data.length > 200) return data.length + " bytes, hash " + Arrays.hashCode(data);
    return "'" + new String(data, StandardCharsets.UTF_8) + "'";
  }

  static String show(List<ACL> acl) {
    return acl.stream()
        .map(entry -> entry.getId().getScheme() + ":" + entry.getId().getId() + ":" + entry.getPerms())
        .collect(Collectors.joining(", "));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String owner(long id) {
    if (id == 0) return "none";
    int known = SESSIONS.indexOf(id);
    return known < 0 ? "somebody" : "session " + known;
  }

  private static String near(long time) {
    return time == 0 ? "0" : Math.abs(System.currentTimeMillis() - time) < 120_000 ? "now" : "far";
  }

  private static synchronized void print(String line) {
    System.out.write((line + "\n").getBytes(StandardCharsets.UTF_8), 0, (line + "\n").getBytes(StandardCharsets.UTF_8).length);
    System.out.flush();
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') quoted.append('\\').append(c);
      else if (c < 0x20 || c > 0x7e) quoted.append(String.format("\\u%04x", (int) c));
      else quoted.append(c);
    }
    return quoted.append('"').toString();
  }
}
