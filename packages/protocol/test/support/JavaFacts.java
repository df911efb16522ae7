import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;
import java.util.zip.Adler32;
import java.util.zip.CRC32;
import org.apache.jute.BinaryInputArchive;
import org.apache.jute.BinaryOutputArchive;
import org.apache.zookeeper.common.PathUtils;
import org.apache.zookeeper.server.EphemeralType;

/** Answers what Java and Apache ZooKeeper's own classes make of values: a question a line, an answer a line. */
public class JavaFacts {
    private static final HexFormat HEX = HexFormat.of();

    public static void main(String[] arguments) throws Exception {
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            String[] words = line.split(" ", -1);
            System.out.println(answer(words[0], words));
        }
    }

    private static String answer(String kind, String[] words) throws Exception {
        switch (kind) {
            case "decode":
                return units(decode(HEX.parseHex(words[1])));
            case "encode":
                return encode(text(words[1]));
            case "path":
                return isPath(text(words[1])) ? "valid" : "invalid";
            case "password":
                return password(Long.parseUnsignedLong(words[1], 16));
            case "owner":
                return owner(Long.parseUnsignedLong(words[1], 16), words[2], words[3]);
            case "suffix":
                return String.format(Locale.ENGLISH, "%010d", Integer.parseInt(words[1]));
            case "crc32":
                CRC32 crc = new CRC32();
                crc.update(HEX.parseHex(words[1]));
                return Long.toString(crc.getValue());
            case "adler32":
                Adler32 adler = new Adler32();
                adler.update(HEX.parseHex(words[1]));
                return Long.toString(adler.getValue());
            case "hex":
                return Long.toHexString(Long.parseLong(words[1]));
            default:
                throw new IllegalArgumentException(kind);
        }
    }

    private static String decode(byte[] bytes) throws Exception {
        byte[] record = ByteBuffer.allocate(4 + bytes.length).putInt(bytes.length).put(bytes).array();
        return BinaryInputArchive.getArchive(new ByteArrayInputStream(record)).readString("text");
    }

    private static String encode(String text) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryOutputArchive.getArchive(bytes).writeString(text, "text");
        return HEX.formatHex(bytes.toByteArray());
    }

    private static boolean isPath(String path) {
        try {
            PathUtils.validatePath(path);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String password(long session) {
        byte[] password = new byte[16];
        new Random(session ^ 0xB3415C00L).nextBytes(password);
        return HEX.formatHex(password);
    }

    private static String owner(long owner, String extendedTypes, String emulate353) {
        System.setProperty("zookeeper.extendedTypesEnabled", extendedTypes);
        System.setProperty("zookeeper.emulate353TTLNodes", emulate353);
        try {
            EphemeralType type = EphemeralType.get(owner);
            return type == EphemeralType.TTL ? "TTL " + type.getValue(owner) : type.toString();
        } catch (IllegalArgumentException e) {
            return "refused";
        }
    }

    /** A string as hexadecimal UTF-16 units, and back. */
    private static String units(String text) {
        return HEX.formatHex(text.getBytes(StandardCharsets.UTF_16BE));
    }

    private static String text(String units) {
        return ByteBuffer.wrap(HEX.parseHex(units)).asCharBuffer().toString();
    }
}
