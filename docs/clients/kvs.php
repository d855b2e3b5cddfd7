<?php
// put, get and delete with the curl extension. Usage: php kvs.php http://127.0.0.1:8080

class ServiceUnavailable extends Exception {}

class KVS
{
    private CurlHandle $curl;

    public function __construct(private string $base)
    {
        $this->curl = curl_init(); // keeps its connection
    }

    /** Stores bytes; says whether they replace a value. */
    public function put(string $key, string $value): bool
    {
        return $this->send('PUT', $key, $value)[0] === 200;
    }

    /** The bytes; null if the key does not exist. */
    public function get(string $key): ?string
    {
        [$status, $body] = $this->send('GET', $key);
        return $status === 200 ? $body : null;
    }

    /** Says whether the key existed. */
    public function delete(string $key): bool
    {
        return $this->send('DELETE', $key)[0] === 200;
    }

    private function send(string $method, string $key, ?string $value = null): array
    {
        curl_reset($this->curl); // the options; the connection stays
        curl_setopt_array($this->curl, [
            CURLOPT_URL => "$this->base/kvs/$key",
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_HTTPHEADER => [
                'Accept: application/octet-stream',
                'Content-Type: application/octet-stream',
            ],
            CURLOPT_RETURNTRANSFER => true,
        ] + ($value === null ? [] : [CURLOPT_POSTFIELDS => $value]));
        $body = curl_exec($this->curl);
        if ($body === false) throw new RuntimeException(curl_error($this->curl));
        $status = curl_getinfo($this->curl, CURLINFO_RESPONSE_CODE);
        if ($status < 300) return [$status, $body];
        $error = json_decode($body)->error;
        if ($status === 404 && $error === 'key does not exist') return [$status, null];
        if ($status === 404 && $error === 'service is not available') throw new ServiceUnavailable($error);
        throw new RuntimeException("$status $error");
    }
}

$kvs = new KVS($argv[1]);
$value = pack('C*', ...range(0, 255));
try {
    echo 'get: ' . ($kvs->get('example') === null ? 'key does not exist' : 'a value') . "\n";
    foreach ([1, 2] as $_) echo 'put: ' . ($kvs->put('example', $value) ? 'replaced' : 'new') . "\n";
    $got = $kvs->get('example');
    echo 'get: ' . strlen($got) . ' bytes, ' . ($got === $value ? 'unharmed' : 'harmed') . "\n";
    foreach ([1, 2] as $_) echo 'delete: ' . ($kvs->delete('example') ? 'done' : 'key does not exist') . "\n";
} catch (ServiceUnavailable $e) {
    echo $e->getMessage() . "\n";
    exit(69);
}
