// put, get and delete with java.net.http. Usage: java Kvs.java http://127.0.0.1:8080
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

class Kvs {
    static class ServiceUnavailable extends Exception {}

    // Keeps its connections. Without the version it would ask each new one for HTTP/2 first.
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String base;

    Kvs(String base) { this.base = base; }

    /** Stores bytes; says whether they replace a value. */
    boolean put(String key, byte[] value) throws Exception {
        return send("PUT", key, BodyPublishers.ofByteArray(value)).statusCode() == 200;
    }

    /** The bytes; empty if the key does not exist. */
    Optional<byte[]> get(String key) throws Exception {
        var reply = send("GET", key, BodyPublishers.noBody());
        return reply.statusCode() == 200 ? Optional.of(reply.body()) : Optional.empty();
    }

    /** Says whether the key existed. */
    boolean delete(String key) throws Exception {
        return send("DELETE", key, BodyPublishers.noBody()).statusCode() == 200;
    }

    private HttpResponse<byte[]> send(String method, String key, BodyPublisher body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(base + "/kvs/" + key)).method(method, body)
            .header("Accept", "application/octet-stream").header("Content-Type", "application/octet-stream");
        var reply = client.send(request.build(), BodyHandlers.ofByteArray());
        if (reply.statusCode() < 300) return reply;
        var error = new String(reply.body(), StandardCharsets.UTF_8);
        if (reply.statusCode() == 404 && error.contains("\"key does not exist\"")) return reply;
        if (reply.statusCode() == 404 && error.contains("\"service is not available\""))
            throw new ServiceUnavailable();
        throw new RuntimeException(reply.statusCode() + " " + error);
    }

    public static void main(String[] arguments) throws Exception {
        var kvs = new Kvs(arguments[0]);
        var value = new byte[256];
        for (int i = 0; i < 256; i++) value[i] = (byte) i;
        try {
            System.out.println("get: " + (kvs.get("example").isPresent() ? "a value" : "key does not exist"));
            for (int i = 0; i < 2; i++)
                System.out.println("put: " + (kvs.put("example", value) ? "replaced" : "new"));
            var got = kvs.get("example").orElseThrow();
            System.out.println(
                "get: " + got.length + " bytes, " + (Arrays.equals(got, value) ? "unharmed" : "harmed"));
            for (int i = 0; i < 2; i++)
                System.out.println("delete: " + (kvs.delete("example") ? "done" : "key does not exist"));
        } catch (ServiceUnavailable e) {
            System.out.println("service is not available");
            System.exit(69);
        }
    }
}
