// Sends N requests for N keys, pipelined over a few connections, and tells the latency of each:
// the median and high percentiles, the largest and the key at which it came.
//
// usage: loader [-c CONNECTIONS] [-d DEPTH] [-k KEYS] [-v VALUE-BYTES] [-e SECONDS] [-p PID]
//               [-H FIELD]… [-0] COMMAND ADDRESS PORT N
//
//   COMMAND  put, get: HTTP, /kvs/<key>; set: the same PUTs in redis' protocol
//   -c, -d   connections (4), and requests under way on each of them at most (16)
//   -k       keys that the requests go round (default: N, so each request has its own)
//   -v       bytes of a value (64; at most 1.5 MiB): a form's field of unreserved characters
//   -e       put: all keys expire in the same second, that many after the start (?ttl=…)
//   -p       the server's process: tells the largest CPU time that it used during any one request
//   -H       a field of the requests' heads, besides Host: 'Accept: */*'
//   -0       HTTP/1.0
//
// Keys have 16 bytes. A request's latency runs from the system call that wrote its last byte to the
// one that read the last byte of its reply. On a busy machine that holds the time that others had
// the core as well; the server's CPU time does not: if it stops to move a table, it shows there.
// Prints one line of NAME=VALUE; exit status 1 if any
// reply was not a success. One thread.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    maximum_connections = 1024,
    maximum_depth = 256,
    maximum_value_bytes = 3 << 19,
    maximum_fields_bytes = 4096,
    buckets = 2000000, // one per microsecond; what took longer is counted in the last
};

typedef struct {
    int fd;
    int under_way, first;                // a ring of the requests that wait for their reply
    long sent_at[maximum_depth], cpu_at[maximum_depth], key[maximum_depth];
    char *output;
    size_t output_start, output_end;     // what the socket did not take yet
    char input[(1 << 16) + 1];           // one more: a zero, for what searches in it
    size_t input_end, body_left;
} Connection;

static Connection *connections[maximum_connections];
static int connection_count = 4, depth = 16, value_bytes = 64, minor_version = 1;
static long total, keys, started, answered, failed, expires_at;
static const char *command;
static char value[maximum_value_bytes + 1], fields[maximum_fields_bytes];

static unsigned histogram[buckets];
static long largest, largest_at, largest_cpu, largest_cpu_at;
static clockid_t server_clock;
static int has_server_clock;

static _Noreturn void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("loader: error: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

static long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

// CPU time of the server's process so far, all threads, user and system.
static long server_cpu(void) {
    struct timespec time = {0};
    if (has_server_clock) clock_gettime(server_clock, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

static void record(long nanoseconds, long cpu_nanoseconds, long key) {
    long microseconds = nanoseconds / 1000;
    histogram[microseconds < buckets ? microseconds : buckets - 1]++;
    if (nanoseconds > largest) {
        largest = nanoseconds;
        largest_at = key;
    }
    // Several threads use more CPU time than passes.
    if (cpu_nanoseconds > nanoseconds) cpu_nanoseconds = nanoseconds;
    if (cpu_nanoseconds > largest_cpu) {
        largest_cpu = cpu_nanoseconds;
        largest_cpu_at = key;
    }
}

static long percentile(double part) {
    long seen = 0;
    for (long i = 0; i < buckets; i++) {
        seen += histogram[i];
        if (seen >= part * answered) return i;
    }
    return buckets;
}

static int write_request(char *to, long key) {
    if (*command == 's')
        return sprintf(to, "*3\r\n$3\r\nSET\r\n$16\r\nkey_%012ld\r\n$%d\r\n%s\r\n", key,
                       value_bytes, value);
    int is_get = *command == 'g';
    char ttl[32] = "";
    if (expires_at) sprintf(ttl, "?ttl=%ld", (expires_at - now()) / 1000000000 + 1);
    int head = sprintf(to, "%s /kvs/key_%012ld%s HTTP/1.%d\r\nHost: kvs\r\n%s",
                       is_get ? "GET" : "PUT", key, ttl, minor_version, fields);
    if (is_get) return head + sprintf(to + head, "\r\n");
    return head + sprintf(to + head,
                          "Content-Type: application/x-www-form-urlencoded\r\n"
                          "Content-Length: %d\r\n\r\nval=%s",
                          value_bytes + 4, value);
}

static void flush(Connection *c) {
    while (c->output_start < c->output_end) {
        size_t left = c->output_end - c->output_start;
        ssize_t n = send(c->fd, c->output + c->output_start, left, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0) fail("send: %s", strerror(errno));
        c->output_start += n;
    }
    c->output_start = c->output_end = 0;
}

// Starts as many requests as the depth allows, once half of them are answered: a write per batch.
static void fill(Connection *c) {
    if (c->output_end || c->under_way > depth / 2) return;
    int first_new = c->under_way;
    while (c->under_way < depth && started < total) {
        int slot = (c->first + c->under_way++) % depth;
        c->key[slot] = started++ % keys;
        c->output_end += write_request(c->output + c->output_end, c->key[slot]);
    }
    long time = now(), cpu = server_cpu();
    for (int i = first_new; i < c->under_way; i++) {
        c->sent_at[(c->first + i) % depth] = time;
        c->cpu_at[(c->first + i) % depth] = cpu;
    }
    flush(c);
}

// The length of the complete reply at `at`, or 0; for HTTP without the body, which is skipped.
static size_t reply_length(const char *at, size_t available, size_t *body, int *good) {
    if (*command == 's') {
        const char *end = memchr(at, '\n', available);
        *body = 0;
        *good = *at == '+';
        return end ? end + 1 - at : 0;
    }
    const char *end = memmem(at, available, "\r\n\r\n", 4);
    if (!end) return 0;
    *good = available > 9 && at[9] == '2';
    *body = 0;
    for (const char *line = at; line < end; line = strchr(line, '\n') + 1)
        if (!strncasecmp(line, "Content-Length:", 15)) *body = strtoul(line + 15, NULL, 10);
    return end + 4 - at;
}

static void receive(Connection *c) {
    ssize_t n = recv(c->fd, c->input + c->input_end, sizeof c->input - 1 - c->input_end, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) fail("connection lost after %ld: %s", answered, n ? strerror(errno) : "closed");
    c->input_end += n;
    long time = now(), cpu = server_cpu();
    size_t at = 0;
    for (;;) {
        size_t skipped = c->body_left < c->input_end - at ? c->body_left : c->input_end - at;
        at += skipped;
        c->body_left -= skipped;
        if (c->body_left || at == c->input_end) break;
        int good;
        size_t body, head = reply_length(c->input + at, c->input_end - at, &body, &good);
        if (!head) break;
        if (!c->under_way) fail("a reply that nobody asked for");
        at += head;
        c->body_left = body;
        failed += !good;
        record(time - c->sent_at[c->first], cpu - c->cpu_at[c->first], c->key[c->first]);
        c->first = (c->first + 1) % depth;
        c->under_way--;
        answered++;
    }
    memmove(c->input, c->input + at, c->input_end - at);
    c->input_end -= at;
    if (c->input_end == sizeof c->input - 1)
        fail("a reply's head of more than %zu bytes", c->input_end);
}

static void add_field(const char *field) {
    size_t length = strlen(fields), left = sizeof fields - length;
    if ((size_t)snprintf(fields + length, left, "%s\r\n", field) >= left) fail("too many fields");
}

static Connection *connect_to(const char *address, int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, address, &to.sin_addr) != 1) fail("%s: not an IPv4 address", address);
    Connection *c = calloc(1, sizeof *c);
    c->output = malloc((size_t)depth * (value_bytes + maximum_fields_bytes + 256));
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(c->fd, (struct sockaddr *)&to, sizeof to))
        fail("%s:%d: %s", address, port, strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    return c;
}

int main(int argc, char **argv) {
    int option;
    while ((option = getopt(argc, argv, "c:d:k:v:e:p:H:0")) != -1) {
        if (option == '?') return 64;
        if (option == 'k') keys = atol(optarg);
        if (option == 'c') connection_count = atoi(optarg);
        if (option == 'd') depth = atoi(optarg);
        if (option == 'v') value_bytes = atoi(optarg);
        if (option == 'e') expires_at = now() + atol(optarg) * 1000000000;
        if (option == 'H') add_field(optarg);
        if (option == '0') minor_version = 0;
        if (option == 'p') {
            if (clock_getcpuclockid(atoi(optarg), &server_clock)) fail("no process %s", optarg);
            has_server_clock = 1;
        }
    }
    if (argc - optind != 4)
        fail("usage: loader [-c N] [-d N] [-k N] [-v N] [-e N] [-p N] [-H FIELD]... [-0] "
             "put|get|set ADDRESS PORT N");
    command = argv[optind];
    total = atol(argv[optind + 3]);
    if (!keys) keys = total;
    if (connection_count < 1 || connection_count > maximum_connections || depth < 1 ||
        depth > maximum_depth || value_bytes < 0 || value_bytes > maximum_value_bytes || total < 1)
        fail("a number is out of range");
    memset(value, 'v', value_bytes);

    struct pollfd polls[maximum_connections];
    for (int i = 0; i < connection_count; i++) {
        connections[i] = connect_to(argv[optind + 1], atoi(argv[optind + 2]));
        polls[i] = (struct pollfd){.fd = connections[i]->fd};
    }
    long began = now();
    while (answered < total) {
        for (int i = 0; i < connection_count; i++) {
            fill(connections[i]);
            polls[i].events = connections[i]->output_end ? POLLIN | POLLOUT : POLLIN;
        }
        if (poll(polls, connection_count, 10000) == 0)
            fail("no reply for 10 s, after %ld", answered);
        for (int i = 0; i < connection_count; i++) {
            if (polls[i].revents & POLLOUT) flush(connections[i]);
            if (polls[i].revents & ~POLLOUT) receive(connections[i]);
        }
    }
    double seconds = (now() - began) / 1e9;
    printf("requests=%ld failed=%ld seconds=%.2f per_second=%.0f ", answered, failed, seconds,
           answered / seconds);
    printf("p50_us=%ld p99_us=%ld p9999_us=%ld largest_us=%ld ", percentile(.5), percentile(.99),
           percentile(.9999), largest / 1000);
    printf("largest_at=%ld largest_cpu_us=%ld largest_cpu_at=%ld\n", largest_at, largest_cpu / 1000,
           largest_cpu_at);
    return failed ? 1 : 0;
}
