// The yardstick for a GET: a server on libevent's evhttp that does nothing but answer, whatever it
// is asked, with a reply of the size of the one that kvs gives for a value of VALUE-BYTES.
//
// usage: fixed-reply ADDRESS VALUE-BYTES     (listens on a free port, and prints its URL)

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>

static char body[1 << 21];
static int body_bytes;

static void answer(struct evhttp_request *request, void *argument) {
    (void)argument;
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    evhttp_add_header(headers, "Content-Type", "application/json");
    evbuffer_add(evhttp_request_get_output_buffer(request), body, body_bytes);
    evhttp_send_reply(request, HTTP_OK, "OK", NULL);
}

int main(int argc, char **argv) {
    int value_bytes = argc == 3 ? atoi(argv[2]) : -1;
    if (value_bytes < 1 || value_bytes > 1572864) return 64;
    const char *format = "{\"msg\":\"success\",\"value\":\"%0*d\"}";
    body_bytes = snprintf(body, sizeof body, format, value_bytes, 0);

    struct event_base *base = event_base_new();
    struct evhttp *http = evhttp_new(base);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, argv[1], 0);
    if (!bound) return 69;
    evhttp_set_gencb(http, answer, NULL);
    int fd = evhttp_bound_socket_get_fd(bound);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); // inherited by connections

    struct sockaddr_in address;
    socklen_t length = sizeof address;
    getsockname(fd, (struct sockaddr *)&address, &length);
    printf("url=http://%s:%d/kvs\n", argv[1], ntohs(address.sin_port));
    fflush(stdout);
    return event_base_dispatch(base);
}
