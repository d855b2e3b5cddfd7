"""What clients of HTTP stumble over: faulty parts of replies, and odd ones that are in order."""

STATUS_LINES = [
    b"HTTP/1.1 99999 OK", b"HTTP/1.1 099 OK", b"HTTP/1.1 000 OK", b"HTTP/1.1 600 OK",
    b"HTTP/1.1 999 OK", b"HTTP/1.1 -200 OK", b"HTTP/1.1 +200 OK", b"HTTP/1.1 20 OK",
    b"HTTP/1.1 2000 OK", b"HTTP/1.1 0200 OK", b"HTTP/1.1 200", b"HTTP/1.1 200 ",
    b"HTTP/1.1  200 OK", b"HTTP/1.1 200OK", b"HTTP/1.1\t200\tOK", b"HTTP/1.1 2x0 OK",
    b"HTTP/1.1 OK", b"HTTP/1.1", b"HTTP/1.1 ", b"", b" HTTP/1.1 200 OK", b"200 OK",
    b"HTTP/1.0 200 OK", b"HTTP/1.2 200 OK", b"HTTP/1.9 200 OK", b"HTTP/2.0 200 OK",
    b"HTTP/0.9 200 OK", b"HTTP/2 200 OK", b"HTTP/1 200 OK", b"HTTP/1.10 200 OK",
    b"HTTP/01.1 200 OK", b"http/1.1 200 OK", b"HTTP/1,1 200 OK", b"HTTP/-1.1 200 OK",
    b"HTTP/99999999999.1 200 OK", b"ICY 200 OK", b"HTTPS/1.1 200 OK", b"HTTP/1.1 200 O\rK",
    b"HTTP/1.1 200 O\nK", b"HTTP/1.1 200 O\0K", b"HTTP/1.1 200 O\x01K", b"HTTP/1.1 200 O\x7fK",
    b"HTTP/1.1 200 O\x1b[2JK", b"HTTP/1.1 200 \xc3\x96K", b"HTTP/1.1 200 O\tK",
    b"HTTP/1.1 200 OK\r", b"HTTP/1.1 200 X\rX-Smuggled: 1", b"HTTP/1.1 200 " + b"r" * 4000,
    b"HTTP/1.1 101 Switching Protocols", b"HTTP/1.1 100 Continue", b"HTTP/1.1 199 X",
    b"HTTP/1.1 204 No Content", b"HTTP/1.1 205 Reset Content", b"HTTP/1.1 304 Not Modified",
    b"HTTP/1.1 206 Partial Content", b"HTTP/1.1 301 Moved Permanently",
    b"HTTP/1.1 408 Request Timeout", b"HTTP/1.1 502 Bad Gateway", b"GET /kvs/a HTTP/1.1",
    b"\x16\x03\x01\x02\0\x01", b"SSH-2.0-OpenSSH_9.2", b"-ERR unknown command",
]
FIELDS = [
    b"X-Y : a", b"X/Y: a", b": a", b":", b"X Y: a", b" X-Y: a", b"\tX-Y: a", b"X-Y", b"X\x00Y: a",
    b"X\x01Y: a", b"X\xc3\x96Y: a", b"X(Y): a", b"X\"Y\": a", b"X-Y: a\r\n folded",
    b"X-Y: a\r\n\tfolded", b"X-Y: a\r\n ", b"X-Y: a\nX-Z: b", b"X-Y: a\n", b"\nX-Y: a",
    b"X-Y: a\rX-Z: b", b"X-Y: a\r", b"X-Y: a\0b", b"X-Y: \0", b"X-Y: a\x01b", b"X-Y: a\x0bb",
    b"X-Y: a\x0cb", b"X-Y: a\x7fb", b"X-Y: a\x1bb", b"X-Y: \x80\xff", b"X-Y: \xe2\x82", b"X-Y:a",
    b"X-Y:\t\t a \t", b"X-Y:", b"X-Y: a: b", b"x_y: a", b"!#$%&'*+-.^_`|~: a",
    b"X-Y: " + b"y" * 5000, b"Connection: close, keep-alive", b"Connection: ,,close,",
    b"Connection: x-mark", b"Connection: Content-Length",
    b"Connection: close\r\nConnection: X-Mark",
    b"Connection: keep-alive\r\nConnection: X-Hop\r\nX-Hop: 1",
    b"Connection: " + b"x-mark, " * 400 + b"x", b"Upgrade: h2c\r\nConnection: upgrade",
    b"Trailer: X-Trailer", b"TE: trailers", b"Proxy-Connection: keep-alive",
    b"Proxy-Authenticate: Basic", b"Keep-Alive: timeout=0", b"Keep-Alive: timeout=-1",
    b"Keep-Alive: timeout=99999999999999999999", b"Keep-Alive: timeout=", b"Keep-Alive: timeout",
    b"Keep-Alive: timeout=\"5\"", b"Keep-Alive: max=5, timeout=5;timeout=6", b"Keep-Alive: ,",
    b"Keep-Alive: timeout=1\r\nKeep-Alive: timeout=2",
    b"Keep-Alive: timeout=0x10, TIMEOUT=9223372036854775807", b"Date: x", b"Date:",
    b"Date: a\r\nDate: b", b"Set-Cookie: a\r\nSet-Cookie: b", b"Server: nginx",
    b"Content-Encoding: gzip", b"Location: /", b"\r\nX-Y: a",
]
# `%d` is the right length.
LENGTHS = [
    b"-1", b"-0", b"+%d", b"%d,%d", b"%d, %d", b"%d\r\nContent-Length: %d",
    b"%d\r\nContent-Length: 9", b"1%020d", b"0%d", b"00000000000000000000%d", b"", b" ", b"0x%x",
    b"%d.0", b"%de0", b"%d %d", b"%d;", b"9502721", b"9502720", b"4294967296", b"2147483648",
    b"4294967295", b"9223372036854775807", b"9223372036854775808", b"18446744073709551615",
    b"18446744073709551616", b"18446744073709551617", b"1" * 400, b"%d\t", b"%d\x0b", b"\"%d\"",
    b"NaN", b"%d\r\n 0",
]
CODINGS = [
    b"gzip", b"chunked, chunked", b"gzip, chunked", b"chunked, gzip", b"identity", b"Chunked",
    b"chunked;a=b", b"chunked,", b",chunked", b"\"chunked\"", b"xchunked", b"chunkedx",
    b"chunked\x0b", b"", b"chunk", b"chunked\r\nTransfer-Encoding: chunked",
    b"chunked\r\nTransfer-Encoding: identity", b"chunked\r\n chunked",
    b"chunked\r\nContent-Length: 5", b"identity\r\nTransfer-Encoding: chunked", b"chunked identity",
    b"chunked\0",
]
CHUNK_LINES = [
    b"0x5", b"-1", b"+5", b"", b" 5", b"5 ", b"g", b"5;", b"5;a", b"5;a=b", b"5 ; a=\"b;c\"",
    b"5;a=\"b", b"5;=", b"5;\x01", b"5;\0", b"5;a\n", b"5\n", b"5\r", b"00000005", b"000000005",
    b"0000000000000005", b"ffffffff", b"7fffffff", b"fffffffff", b"7fffffffffffffff",
    b"8000000000000000", b"ffffffffffffffff", b"10000000000000005", b"5" * 300, b"910001", b"5,5",
    b"5;" + b"a" * 200, b"5;" + b"a" * 300, b"5;" + b"a" * 5000, b"\x005", b"5.0", b"5h", b"5\xb2",
]
CONTENT_TYPES = [
    b"text/html", b"text/plain", b"", b"application/json; charset=utf-8", b"Application/JSON",
    b"application/jsonx", b"application/octet-stream;", b"application/octet-stream, text/html",
    b"*/*", b"application", b"application/json\r\nContent-Type: text/html",
    b"application/json\r\nContent-Type: application/json", b"application /json",
    b"application/json text/html",
]
PAGE = b"<html><head><title>502 Bad Gateway</title></head></html>\r\n"
CHUNK_ENDS = [
    b"5\r\nabcde0\r\n\r\n", b"5\r\nabcdeXX0\r\n\r\n", b"5\r\nabcde\n0\r\n\r\n", b"5\nabcde\n0\n\n",
    b"5\r\nabcde\r0\r\n\r\n", b"5\r\nabcdef\r\n0\r\n\r\n", b"5\r\nabcde\r\n0\r\n",
    b"5\r\nabcde\r\n0\r\nX : y\r\n\r\n", b"5\r\nabcde\r\n0\r\nX\0: y\r\n\r\n",
    b"5\r\nabcde\r\n0\r\nContent-Length: 1\r\n\r\n", b"5\r\nabcde\r\n0\r\n folded\r\n\r\n",
    b"5\r\nabcde\r\n0\r\nX: y\n\r\n", b"5\r\nabcde\r\n0\r\n\n", b"5\r\nabcde\r\n", b"0\r\n\r\n",
    b"0\r\n\r\n0\r\n\r\n",
]
ODD_INTERIM = [
    b"HTTP/1.1 100 Continue\r\nX : y\r\n\r\n", b"HTTP/1.1 100 Continue\n\n",
    b"HTTP/1.1 100 A\0B\r\n\r\n", b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    b"HTTP/1.0 100 Continue\r\n\r\n", b"HTTP/1.1 199 X\r\n\r\n", b"HTTP/1.1 100\r\n\r\n",
    b"HTTP/1.1 099 X\r\n\r\n", b"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n", b"\r\n",
    b"\n", b"HTTP/1.1 103 X\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n\r\n",
    b"HTTP/1.1 103 X\r\nX: " + b"y" * 9000 + b"\r\n\r\n",
]
# For changes anywhere, whatever stands there.
WORDS = [
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\n\n", b"\r\r\n", b"\0", b" ", b"\t", b"\x0b", b"\x7f",
    b"\xff", b":", b" :", b": ", b",", b";", b"HTTP/1.1 ", b"HTTP/1.0 ", b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n", b"200", b"99999", b"Content-Length: 0\r\n",
    b"Content-Length: 5\r\n", b"Content-Length: -1\r\n",
    b"Content-Length: 18446744073709551615\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity\r\n", b"Transfer-Encoding : chunked\r\n",
    b"Connection: close\r\n", b"Connection: keep-alive\r\n", b"Keep-Alive: timeout=1\r\n",
    b"Content-Type: text/html\r\n", b"X/Y: a\r\n", b"X-Y : a\r\n", b": a\r\n", b"\r\n folded",
    b"Trailer: X\r\n", b"Upgrade: h2c\r\n", b"0\r\n\r\n", b"1\r\na\r\n", b"0", b"00000000",
    b"ffffffff", b"7fffffff", b"8\r\n", b";a=b",
]
