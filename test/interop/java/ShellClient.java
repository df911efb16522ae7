import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.zookeeper.ZooKeeperMain;
import org.apache.zookeeper.util.ServiceUtils;

/**
 * Apache's zkCli: `java ShellClient host:port`. All of it in one JVM: an interactive shell that is given lines, and
 * shells with one command whose exit code counts.
 */
final class ShellClient {
  private static final PrintStream OUT = System.out;
  /** zkCli's commands keep the stream they find when they are loaded, so there is one for all steps. */
  private static final ByteArrayOutputStream PRINTED = new ByteArrayOutputStream();
  private static final PrintStream CAPTURE = new PrintStream(PRINTED, true, StandardCharsets.UTF_8);
  private static final Pattern NUMBER = Pattern.compile("((?:[cmp]Zxid|zxid:?|ephemeralOwner)\\s*=?\\s*)(0x[0-9a-f]+|\\d+)");
  private static final List<String> SESSIONS = new ArrayList<>();
  private static long zxidBase = -1;

  private ShellClient() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    ServiceUtils.setSystemExitProcedure(code -> {
      throw new Exit(code);
    });
    System.setOut(CAPTURE);
    System.setErr(CAPTURE);
    String address = arguments[0];
    oneCommandEach(address);
    interactive(address);
    ServiceUtils.setSystemExitProcedure(ServiceUtils.SYSTEM_EXIT);
    System.exit(0);
  }

  private static void oneCommandEach(String address) {
    String[] commands = {
      "create /hello world", "get /hello", "get -s /hello", "create /hello again", "get /missing", "set /hello there", "set -v 9 /hello x",
      "set -s /hello everyone", "ls /", "ls /missing", "ls -R /", "ls -s /hello", "stat /hello", "stat /missing", "getAcl /hello",
      "getAcl -s /hello", "getAllChildrenNumber /", "getEphemerals", "whoami", "version", "config", "sync /", "sync /missing", "create /a/b c",
      "create -s /hello/s- x", "create -e /hello/e x", "create -c /hello/c", "create -t 3600000 /hello/t x", "create -t 3600000 -s /hello/ts- x",
      "create -e -t 5 /hello/et x", "create -x /hello/x", "delete /hello", "delete -v 7 /hello/c", "delete /hello/c", "deleteall /hello", "deleteall /missing",
      "deleteall /zookeeper", "unknowncommand", "create", "get", "create relative x", "get /bad//path", "addauth digest", "setAcl /hello nonsense",
      "reconfig -remove 1", "removewatches /", "delquota /missing", "listquota /missing", "setquota -n 5 /missing", "setquota", "getAcl /missing",
    };
    for (String command : commands) {
      List<String> words = new ArrayList<>(List.of("-server", address));
      words.addAll(Arrays.asList(command.split(" ")));
      step("zkCli " + command, () -> {
        try {
          ZooKeeperMain.main(words.toArray(new String[0]));
          return "no exit";
        } catch (Exit exit) {
          return "exit code " + exit.code;
        }
      });
    }
  }

  private static void interactive(String address) throws IOException, InterruptedException {
    Shell shell = new Shell("-server", address, "-timeout", "10000");
    shell.drain();
    String digest = "digest:alice:aYXlLOpEooaV1cRAvUL1fp9Qt7E=:cdrwa";
    String[] lines = {
      "help", "", "create /shell", "create /shell/a 'two words'", "get /shell/a", "create /shell/quoted \"a \\\" b\"", "get /shell/quoted",
      "create /shell/null null", "create /shell/acl data world:anyone:r", "getAcl /shell/acl", "set /shell/acl x", "delete /shell/acl",
      "create -s /shell/seq- one", "create -s -e /shell/eph- two", "create -e /shell/eph", "create /shell/eph/x y", "create -c /shell/container", "stat /shell/container",
      "create -t 100000 /shell/ttl x", "stat /shell/ttl", "create -t 0 /shell/ttl0 x", "getEphemerals", "getEphemerals /shell/eph-", "ls /shell", "ls -s /shell",
      "ls -R /shell", "ls2 /shell", "stat /shell", "getAllChildrenNumber /shell", "set /shell/a one", "set -v 1 /shell/a two", "set -v 1 /shell/a three",
      "get -s /shell/a", "get -b /shell/a", "get -x /shell/a", "whoami", "addauth digest alice:secret", "whoami", "create /shell/own mine auth::cdrwa", "getAcl /shell/own",
      "getAcl -s /shell/own", "setAcl /shell/own " + digest, "setAcl -v 1 /shell/own " + digest, "setAcl -v 1 /shell/own " + digest,
      "setAcl -s /shell/own world:anyone:rwa," + digest, "getAcl /shell/own", "create /shell/own/child", "setAcl -R /shell/own " + digest, "getAcl /shell/own/child",
      "setAcl /shell/own ip:300.1.1.1:r", "setAcl /shell/own ip:127.0.0.1:cdrwa",
      "get -w /shell/a", "set /shell/a watched", "set /shell/a unwatched", "ls -w /shell/a", "create /shell/a/b", "stat -w /shell/a/b", "delete /shell/a/b",
      "addWatch -m PERSISTENT /shell/a", "set /shell/a 1", "create /shell/a/c", "removewatches /shell/a", "set /shell/a 2", "addWatch /shell/a", "set /shell/a/c 3",
      "create /shell/a/c/d", "removewatches -a /shell/a", "removewatches -d /shell/a", "removewatches -c /shell/none", "printwatches", "printwatches off", "get -w /shell/a",
      "set /shell/a quiet", "printwatches on", "printwatches", "addWatch -m NONSENSE /shell/a",
      "setquota -n 3 /shell/a", "listquota /shell/a", "setquota -n 4 /shell/a", "listquota /shell/a", "setquota -b 100 /shell/a", "listquota /shell/a",
      "setquota -N 5 -B 200 /shell/a", "listquota /shell/a", "create /shell/a/q1", "create /shell/a/q2", "create /shell/a/q3", "listquota /shell/a",
      "setquota -n 5 /shell/a/c", "setquota -n 5 /shell", "delquota -n /shell/a", "listquota /shell/a", "delquota -N /shell/a", "delquota /shell/a", "listquota /shell/a",
      "delquota /shell/a", "ls -R /zookeeper/quota", "deleteall /shell/a", "delete -v 5 /shell/quoted", "delete -v 0 /shell/quoted", "sync /shell", "config -s", "config -c", "version",
      "history", "redo 2", "redo 999", "rmr /shell/container", "deleteall -b 2 /shell/own", "ls /shell", "reconfig -add server.1=x", "nonsense", "delete", "close", "ls /", "connect " + address,
      "ls /shell", "getEphemerals", "addauth nosuch x", "ls /shell", "quit",
    };
    for (String line : lines) {
      step("> " + line.replace(address, "host:port"), () -> {
        try {
          shell.executeLine(line);
          return "exit code " + shell.exitCode();
        } catch (Exit exit) {
          return "left with exit code " + exit.code;
        } finally {
          shell.drain();
        }
      });
    }
  }

  private static void step(String name, Callable body) {
    String end;
    PRINTED.reset();
    try {
      end = body.call();
    } catch (Throwable e) {
      end = e.toString();
    }
    String text = ordered(name, normal(PRINTED.toString(StandardCharsets.UTF_8))) + " | " + end;
    System.setOut(OUT);
    Transcript.step(name, () -> text);
    System.setOut(CAPTURE);
  }

  /** What a user sees, without the greeting and with the events, which come at their own time, at the end. */
  private static String normal(String printed) {
    List<String> lines = new ArrayList<>(), events = new ArrayList<>();
    for (String line : printed.split("\n")) {
      if (line.startsWith("Connecting to") || line.equals("WATCHER::") || line.isBlank() || line.contains("type:None")) continue;
      (line.startsWith("WatchedEvent") ? events : lines).add(relative(line));
    }
    lines.addAll(events);
    return String.join("\n", lines);
  }

  /** The server answers these in no particular order. */
  private static String ordered(String name, String text) {
    if (name.contains("whoami")) return String.join("\n", new TreeSet<>(List.of(text.split("\n"))));
    if (!name.contains("getEphemerals") || !text.startsWith("[")) return text;
    return new TreeSet<>(List.of(text.substring(1, text.length() - 1).split(", "))).toString();
  }

  private static String relative(String line) {
    String timeless = line.replaceAll("^([cm]time = ).*", "$1(a time)").replaceAll("127\\.0\\.0\\.1:\\d+", "(address)");
    Matcher matcher = NUMBER.matcher(timeless);
    StringBuilder result = new StringBuilder();
    while (matcher.find()) {
      String number = matcher.group(2);
      boolean zero = number.equals("0x0") || number.equals("0");
      matcher.appendReplacement(result, matcher.group(1) + (zero ? "0" : matcher.group(1).startsWith("eph") ? session(number) : zxid(Long.decode(number))));
    }
    return matcher.appendTail(result).toString();
  }

  private static String zxid(long zxid) {
    if (zxidBase < 0) zxidBase = zxid;
    return "+" + (zxid - zxidBase);
  }

  private static String session(String id) {
    if (!SESSIONS.contains(id)) SESSIONS.add(id);
    return "session " + SESSIONS.indexOf(id);
  }

  /** A class of its own, so that zkCli's classes are loaded after the streams are in place. */
  private static final class Shell extends ZooKeeperMain {
    Shell(String... arguments) throws IOException, InterruptedException {
      super(arguments);
    }

    int exitCode() {
      return exitCode;
    }

    /** Callbacks come behind events, so every event up to now is printed afterwards. */
    void drain() throws InterruptedException {
      if (!zk.getState().isAlive()) return;
      CountDownLatch passed = new CountDownLatch(1);
      zk.exists("/", false, (code, path, context, stat) -> passed.countDown(), null);
      passed.await(20, TimeUnit.SECONDS);
    }
  }

  private interface Callable {
    String call() throws Exception;
  }

  /** Stands for the end of the process. */
  private static final class Exit extends RuntimeException {
    private static final long serialVersionUID = 1;
    final int code;

    Exit(int code) {
      this.code = code;
    }
  }
}
