/** Apache's Java client, operation by operation: `java JavaClient host:port`. */
final class JavaClient {
  /** Long enough that no session ends by itself while steps run. */
  static final int SESSION_MS = 10_000;

  private JavaClient() {}

  public static void main(String[] arguments) throws Exception {
    String address = arguments[0];
    Handle zk = Handle.open(address, SESSION_MS);
    BasicSteps.run(zk);
    PathSteps.run(zk, address);
    AclSteps.run(zk, address);
    MultiSteps.run(zk);
    WatchSteps.run(zk);
    QuotaSteps.run(zk);
    ReconnectSteps.run(zk, address);
    SessionSteps.run(zk, address);
    Transcript.zxidsCountNoMore();
    TroubleSteps.run(zk, address);
    VanishingSteps.run(zk);
    zk.close();
    // Threads of handles that were left open on purpose must not keep the program.
    System.exit(0);
  }
}
