import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Base64;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.RealmCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslServer;

/**
 * One side of a DIGEST-MD5 exchange, by the JDK's mechanism with the parameters that ZooKeeper uses.
 *
 * Arguments: client|server, user, password. Each line of standard input is a token of the other side in base64, each line
 * of output the answer to it: the token in base64, then "done" once this side is content, or "failed" and why.
 */
public class SaslPeer {
    public static void main(String[] arguments) throws Exception {
        String user = arguments[1];
        CallbackHandler handler = callbacks -> {
            for (Callback callback : callbacks) {
                if (callback instanceof NameCallback name) {
                    name.setName(user);
                } else if (callback instanceof PasswordCallback password) {
                    password.setPassword(arguments[2].toCharArray());
                } else if (callback instanceof RealmCallback realm) {
                    realm.setText(realm.getDefaultText());
                } else if (callback instanceof AuthorizeCallback authorize) {
                    authorize.setAuthorized(true);
                }
            }
        };
        boolean isClient = arguments[0].equals("client");
        SaslClient client = isClient
            ? Sasl.createSaslClient(new String[] {"DIGEST-MD5"}, user, "zookeeper", "zk-sasl-md5", null, handler) : null;
        SaslServer server = isClient ? null : Sasl.createSaslServer("DIGEST-MD5", "zookeeper", "zk-sasl-md5", null, handler);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            byte[] token = Base64.getDecoder().decode(line);
            try {
                byte[] answer = isClient ? client.evaluateChallenge(token) : server.evaluateResponse(token);
                boolean isDone = isClient ? client.isComplete() : server.isComplete();
                String text = answer == null ? "" : Base64.getEncoder().encodeToString(answer);
                System.out.println(isDone ? text + " done" : text);
            } catch (Exception e) {
                System.out.println("failed " + e.getMessage());
            }
        }
    }
}
