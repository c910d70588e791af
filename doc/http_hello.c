/*
 * http_hello PORT: says hello over HTTP/1.0 on 127.0.0.1, one caller after the
 * other, with a line on stdout for each request.  Small enough to show what a
 * service is, and to be one in the tests.
 *
 *   http_hello -n PORT   exits 0 if PORT is free, else says that it is not
 *   http_hello -g PORT   asks, and prints what is answered
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static _Noreturn void
die(char const *what, char const *port)
{
	fprintf(stderr, "http_hello: fatal: unable to %s 127.0.0.1:%s: %s\n",
	    what, port, strerror(errno));
	exit(111);
}

static struct sockaddr_in
address_of(char const *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	char *end;
	unsigned long n = strtoul(port, &end, 10);

	if (*end || end == port || n == 0 || n > 65535) {
		fputs("http_hello: usage: http_hello [-n | -g] port\n", stderr);
		exit(100);
	}
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((unsigned short)n);
	return a;
}

static int
listen_on(char const *port)
{
	struct sockaddr_in a = address_of(port);
	int s = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1;

	if (s == -1 ||
	    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1 ||
	    bind(s, (struct sockaddr *)&a, sizeof a) == -1 ||
	    listen(s, 128) == -1)
		die("listen on", port);
	return s;
}

/* Up to the empty line behind the request; 0 if the caller is not serious. */
static int
read_request(int c, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (
	    len < size - 1 && (n = read(c, text + len, size - 1 - len)) > 0) {
		len += (size_t)n;
		text[len] = 0;
		if (strstr(text, "\r\n\r\n") || strstr(text, "\n\n")) {
			text[strcspn(text, "\r\n")] = 0;
			return 1;
		}
	}
	return 0;
}

static void
serve(int c, unsigned long number)
{
	struct timeval const patience = {.tv_sec = 10};
	char text[8192], reply[512];
	int len;

	setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (!read_request(c, text, sizeof text))
		return;
	len = snprintf(reply, sizeof reply,
	    "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n"
	    "Hello from process %ld, for the %lu. time.\n",
	    (long)getpid(), number);
	if (send(c, reply, (size_t)len, MSG_NOSIGNAL) != len)
		printf("gone before the answer: %s\n", text);
	else
		printf("200 %s\n", text);
}

static void
get(char const *port)
{
	static char const request[] = "GET / HTTP/1.0\r\n\r\n";
	struct sockaddr_in a = address_of(port);
	char text[1024];
	ssize_t n;
	int s = socket(AF_INET, SOCK_STREAM, 0);

	if (s == -1 || connect(s, (struct sockaddr *)&a, sizeof a) == -1 ||
	    write(s, request, sizeof request - 1) == -1)
		die("ask", port);
	while ((n = read(s, text, sizeof text)) > 0)
		fwrite(text, 1, (size_t)n, stdout);
}

int
main(int argc, char **argv)
{
	char const *port = argc > 1 ? argv[argc - 1] : "";
	int s, c;

	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && strcmp(argv[1], "-g") == 0) {
		get(port);
		return 0;
	}
	s = listen_on(port);
	if (argc == 3 && strcmp(argv[1], "-n") == 0)
		return 0;
	printf("listening on 127.0.0.1:%s\n", port);
	for (unsigned long number = 1;; number++) {
		c = accept(s, NULL, NULL);
		if (c == -1)
			continue;
		serve(c, number);
		close(c);
	}
}
