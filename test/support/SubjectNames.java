import java.io.FileInputStream;
import java.io.InputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;

/** Prints the subject of each certificate file that it is given, as ZooKeeper's x509 scheme has it: a line of base64 each. */
public class SubjectNames {
    public static void main(String[] files) throws Exception {
        for (String file : files) {
            try (InputStream input = new FileInputStream(file)) {
                X509Certificate certificate =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(input);
                byte[] name = certificate.getSubjectX500Principal().getName().getBytes("UTF-8");
                System.out.println(Base64.getEncoder().encodeToString(name));
            }
        }
    }
}
