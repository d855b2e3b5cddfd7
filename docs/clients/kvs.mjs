// put, get and delete with fetch. Usage: node kvs.mjs http://127.0.0.1:8080

class ServiceUnavailable extends Error {}

class KVS {
  constructor(base) {
    this.base = base;
  }

  // Stores bytes; says whether they replace a value.
  async put(key, value) {
    return (await this.#send("PUT", key, value)).status === 200;
  }

  // The bytes; undefined if the key does not exist.
  async get(key) {
    const { status, body } = await this.#send("GET", key);
    return status === 200 ? body : undefined;
  }

  // Says whether the key existed.
  async delete(key) {
    return (await this.#send("DELETE", key)).status === 200;
  }

  // fetch keeps its connections. One is free again when the body has been read.
  async #send(method, key, value) {
    const headers = { Accept: "application/octet-stream" };
    if (value !== undefined) headers["Content-Type"] = "application/octet-stream";
    const reply = await fetch(`${this.base}/kvs/${key}`, { method, headers, body: value });
    const body = Buffer.from(await reply.arrayBuffer());
    if (reply.ok) return { status: reply.status, body };
    const { error } = JSON.parse(body.toString());
    if (reply.status === 404 && error === "key does not exist") return { status: 404 };
    if (reply.status === 404 && error === "service is not available") throw new ServiceUnavailable(error);
    throw new Error(`${reply.status} ${error}`);
  }
}

const kvs = new KVS(process.argv[2]);
const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
try {
  console.log("get:", (await kvs.get("example")) ? "a value" : "key does not exist");
  for (let i = 0; i < 2; i++) console.log("put:", (await kvs.put("example", value)) ? "replaced" : "new");
  const got = await kvs.get("example");
  console.log(`get: ${got.length} bytes, ${got.equals(value) ? "unharmed" : "harmed"}`);
  for (let i = 0; i < 2; i++)
    console.log("delete:", (await kvs.delete("example")) ? "done" : "key does not exist");
} catch (error) {
  if (!(error instanceof ServiceUnavailable)) throw error;
  console.log(error.message);
  process.exitCode = 69;
}
