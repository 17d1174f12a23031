import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** What programs do with the AWS SDK for Java v2, each with its defaults. The argument names what to do. */
public class Client {
    static final String KEY = "odd +%é name/日本.txt";
    static final S3Client CLIENT = S3Client.create();
    static String bucket;

    public static void main(String[] arguments) throws Exception {
        bucket = "java-" + arguments[0];
        CLIENT.createBucket(b -> b.bucket(bucket));
        switch (arguments[0]) {
            case "objects" -> objects();
            case "listing" -> listing();
            case "multipart" -> multipart();
            case "presign" -> presign();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.exit(0); // the asynchronous client's threads would stay for a while
    }

    static void put(String name, RequestBody body) {
        CLIENT.putObject(b -> b.bucket(bucket).key(name).metadata(Map.of("colour", "blue")), body);
    }

    static void objects() throws Exception {
        put(KEY, RequestBody.fromString("hello"));
        var got = CLIENT.getObjectAsBytes(b -> b.bucket(bucket).key(KEY).checksumMode(ChecksumMode.ENABLED));
        same(got.asUtf8String(), "hello");
        same(got.response().metadata(), Map.of("colour", "blue"));
        same(got.response().checksumCRC32(), "NhCmhg==");
        put("stream", RequestBody.fromContentProvider(() -> InputStream.nullInputStream(), "text/plain"));
        same(CLIENT.headObject(b -> b.bucket(bucket).key("stream")).contentLength(), 0L);
        var gone = List.of(ObjectIdentifier.builder().key(KEY).build());
        CLIENT.deleteObjects(b -> b.bucket(bucket).delete(d -> d.objects(gone)));
        try {
            CLIENT.getObjectAsBytes(b -> b.bucket(bucket).key(KEY));
            throw new AssertionError("it is still there");
        } catch (NoSuchKeyException expected) {
            same(expected.statusCode(), 404);
        }
    }

    static void listing() {
        for (String name : List.of("a/1", "a/2", KEY, "z")) put(name, RequestBody.empty());
        var names = new ArrayList<String>();
        for (var page : CLIENT.listObjectsV2Paginator(b -> b.bucket(bucket).delimiter("/").maxKeys(1))) {
            page.commonPrefixes().forEach(each -> names.add(each.prefix()));
            page.contents().forEach(each -> names.add(each.key()));
        }
        same(names, List.of("a/", "odd +%é name/", "z"));
    }

    static void multipart() throws Exception {
        byte[] body = new byte[20 * 1024 * 1024];
        for (int place = 0; place < body.length; place++) body[place] = (byte) (place % 251);
        try (var client = S3AsyncClient.builder().multipartEnabled(true).build()) {
            var done = client.putObject(b -> b.bucket(bucket).key(KEY), AsyncRequestBody.fromBytes(body)).join();
            same(done.eTag().endsWith("-3\""), true);
        }
        var got = CLIENT.getObjectAsBytes(b -> b.bucket(bucket).key(KEY).checksumMode(ChecksumMode.ENABLED));
        same(Arrays.equals(got.asByteArray(), body), true);
    }

    static void presign() throws Exception {
        var http = HttpClient.newHttpClient();
        try (var signer = S3Presigner.builder().endpointOverride(URI.create(System.getenv("AWS_ENDPOINT_URL"))).build()) {
            var hour = Duration.ofHours(1);
            var up = signer.presignPutObject(b -> b.signatureDuration(hour)
                .putObjectRequest(r -> r.bucket(bucket).key(KEY))).url().toURI();
            var upload = HttpRequest.newBuilder(up).PUT(HttpRequest.BodyPublishers.ofString("signed")).build();
            same(http.send(upload, BodyHandlers.ofString()).statusCode(), 200);
            var down = signer.presignGetObject(b -> b.signatureDuration(hour)
                .getObjectRequest(r -> r.bucket(bucket).key(KEY))).url().toURI();
            same(http.send(HttpRequest.newBuilder(down).build(), BodyHandlers.ofString()).body(), "signed");
        }
    }

    static void same(Object got, Object wanted) {
        if (!Objects.equals(got, wanted)) throw new AssertionError("got " + got + ", wanted " + wanted);
    }
}
