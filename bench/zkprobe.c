/*
 * zkprobe: what zkload does not measure. One thread, 127.0.0.1 only. Build: cc -O2 -o zkprobe zkprobe.c
 *
 *   zkprobe first PORT                          polls until a handshake and a get of / are answered
 *   zkprobe fill PORT ROOT PARENTS CHILDREN SIZE   creates ROOT and PARENTS x CHILDREN znodes ROOT/pI/cJ of SIZE bytes
 *   zkprobe reads PORT PARENTS CHILDREN DEPTH FILE gets of those below /bench until standard input ends
 *   zkprobe watchers PORT COUNT WARM ROUNDS     COUNT connections watch one znode, which is then set, again and again
 *
 * Prints one JSON line. `first` gives the moment of the reply on CLOCK_MONOTONIC, in milliseconds, so that who spawned
 * the server can subtract its own reading of that clock. `reads` writes a pair of doubles for each reply to FILE: when
 * the request was sent (same clock, seconds) and how long it took (milliseconds). `watchers` gives, for each round,
 * the milliseconds from sending the set to the arrival of the last notification.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { OP_CREATE = 1, OP_GET = 4, OP_SET = 5, OP_CLOSE = -11 };
enum { ATTEMPTS = 256, LOADERS = 8, FILL_DEPTH = 64, HANDSHAKES_AT_ONCE = 32, SESSION_TIMEOUT_MS = 40000 };
#define WATCHED "/bench-watched"

struct connection {
  int fd, open, outstanding, ring, wants_write;
  int32_t xid;
  unsigned char *out, *in;
  size_t out_len, out_off, out_cap, in_len, in_cap;
  double *began; /* when each request was sent, by xid: replies come in order */
};

static int port, epoll_fd = -1;
static struct connection *connections;
static long replies, notifications;
static double last_notification;
static double *samples;
static long sample_count, sample_cap;
static int sampling;

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }
static void die(const char *what) { fprintf(stderr, "zkprobe: %s: %s\n", what, strerror(errno)); exit(1); }
static void pause_ms(long ms) { struct timespec t = {ms / 1000, ms % 1000 * 1000000}; nanosleep(&t, 0); }

/* jute */
static void room(struct connection *c, size_t n) {
  if (c->out_off == c->out_len) c->out_off = c->out_len = 0;
  if (c->out_len + n <= c->out_cap) return;
  c->out_cap = (c->out_len + n) * 2;
  if (!(c->out = realloc(c->out, c->out_cap))) die("memory");
}
static void put32(struct connection *c, int32_t v) { uint32_t b = htonl((uint32_t)v); memcpy(c->out + c->out_len, &b, 4); c->out_len += 4; }
static void put_bytes(struct connection *c, const void *p, int n) { put32(c, n); memcpy(c->out + c->out_len, p, n); c->out_len += n; }
static void put_string(struct connection *c, const char *s) { put_bytes(c, s, (int)strlen(s)); }
static int32_t get32(const unsigned char *p) { uint32_t v; memcpy(&v, p, 4); return (int32_t)ntohl(v); }

static size_t begin(struct connection *c, int32_t type, size_t body) {
  room(c, 64 + body);
  size_t at = c->out_len;
  c->out_len += 4;
  put32(c, c->xid);
  put32(c, type);
  if (c->ring) c->began[c->xid % c->ring] = now();
  c->xid++;
  c->outstanding++;
  return at;
}
static void end(struct connection *c, size_t at) { uint32_t n = htonl((uint32_t)(c->out_len - at - 4)); memcpy(c->out + at, &n, 4); }
static void send_create(struct connection *c, const char *path, const char *data, int size) {
  size_t at = begin(c, OP_CREATE, 256 + size);
  put_string(c, path);
  put_bytes(c, data, size);
  put32(c, 1); put32(c, 31); put_string(c, "world"); put_string(c, "anyone"); put32(c, 0);
  end(c, at);
}
static void send_get(struct connection *c, const char *path, int watch) {
  size_t at = begin(c, OP_GET, 256);
  put_string(c, path);
  c->out[c->out_len++] = (unsigned char)watch;
  end(c, at);
}
static void send_set(struct connection *c, const char *path, const char *data, int size) {
  size_t at = begin(c, OP_SET, 256 + size);
  put_string(c, path);
  put_bytes(c, data, size);
  put32(c, -1);
  end(c, at);
}

/* Connecting is blocking, what follows is not. */
static int try_connect(struct connection *c) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int one = 1;
  struct timeval patience = {30, 0};
  if ((c->fd = socket(AF_INET, SOCK_STREAM, 0)) < 0) die("socket");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  c->xid = 1;
  return connect(c->fd, (struct sockaddr *)&a, sizeof a);
}
static int send_all(struct connection *c) {
  ssize_t n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL);
  int sent = n == (ssize_t)c->out_len;
  c->out_len = c->out_off = 0;
  return sent ? 0 : -1;
}
static int say_hello(struct connection *c) {
  static const char password[16];
  room(c, 64);
  put32(c, 45); put32(c, 0); put32(c, 0); put32(c, 0); put32(c, SESSION_TIMEOUT_MS); put32(c, 0); put32(c, 0);
  put_bytes(c, password, 16);
  c->out[c->out_len++] = 0;
  return send_all(c);
}
static int read_frame(struct connection *c) {
  unsigned char b[4096];
  size_t got = 0, want = 4;
  while (got < want) {
    ssize_t r = recv(c->fd, b + got, want - got, 0);
    if (r <= 0) return -1;
    got += r;
    if (got == 4 && want == 4) want = 4 + (size_t)get32(b);
    if (want > sizeof b) return -1;
  }
  return 0;
}
static void watch_readiness(struct connection *c, int how) {
  struct epoll_event e = {.events = EPOLLIN | (c->wants_write ? EPOLLOUT : 0), .data.ptr = c};
  if (epoll_ctl(epoll_fd, how, c->fd, &e) < 0) die("epoll_ctl");
}
static void open_connections(int count, int ring) {
  epoll_fd = epoll_create1(0);
  if (!(connections = calloc(count, sizeof *connections))) die("memory");
  for (int from = 0; from < count; from += HANDSHAKES_AT_ONCE) {
    int to = from + HANDSHAKES_AT_ONCE < count ? from + HANDSHAKES_AT_ONCE : count;
    for (int i = from; i < to; i++) {
      struct connection *c = &connections[i];
      c->ring = ring;
      if (ring && !(c->began = calloc(ring, sizeof *c->began))) die("memory");
      if (try_connect(c) < 0) die("connect");
      if (say_hello(c) < 0) die("handshake");
    }
    for (int i = from; i < to; i++) {
      struct connection *c = &connections[i];
      if (read_frame(c) < 0) die("the handshake was not answered");
      fcntl(c->fd, F_SETFL, fcntl(c->fd, F_GETFL) | O_NONBLOCK);
      watch_readiness(c, EPOLL_CTL_ADD);
    }
  }
}
static void close_sessions(int count) {
  for (int i = 0; i < count; i++) {
    struct connection *c = &connections[i];
    end(c, begin(c, OP_CLOSE, 0));
    fcntl(c->fd, F_SETFL, fcntl(c->fd, F_GETFL) & ~O_NONBLOCK);
    if (send_all(c) == 0) read_frame(c);
    close(c->fd);
  }
}

static void flush(struct connection *c) {
  if (c->out_off < c->out_len) {
    ssize_t n = send(c->fd, c->out + c->out_off, c->out_len - c->out_off, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) die("send");
    if (n > 0) c->out_off += n;
  }
  int wants_write = c->out_off < c->out_len;
  if (wants_write == c->wants_write) return;
  c->wants_write = wants_write;
  watch_readiness(c, EPOLL_CTL_MOD);
}
static void take_frame(struct connection *c, const unsigned char *p) {
  int32_t xid = get32(p), error = get32(p + 12);
  if (xid == -1) { notifications++; last_notification = now(); return; }
  if (xid < 0) return;
  c->outstanding--;
  replies++;
  if (error) { fprintf(stderr, "zkprobe: the server answered error %d\n", error); exit(1); }
  if (!sampling) return;
  if (sample_count == sample_cap) {
    sample_cap = sample_cap ? sample_cap * 2 : 1 << 20;
    if (!(samples = realloc(samples, sample_cap * 2 * sizeof *samples))) die("memory");
  }
  double began = c->began[xid % c->ring];
  samples[sample_count * 2] = began;
  samples[sample_count * 2 + 1] = (now() - began) * 1e3;
  sample_count++;
}
static void receive(struct connection *c) {
  if (c->in_cap - c->in_len < 1024) {
    c->in_cap = c->in_cap * 2 + (sampling ? 131072 : 2048);
    if (!(c->in = realloc(c->in, c->in_cap))) die("memory");
  }
  ssize_t r = recv(c->fd, c->in + c->in_len, c->in_cap - c->in_len, 0);
  if (r == 0) { errno = ECONNRESET; die("the server closed a connection"); }
  if (r < 0) { if (errno == EAGAIN) return; die("recv"); }
  c->in_len += r;
  size_t at = 0;
  while (c->in_len - at >= 4) {
    size_t length = (size_t)get32(c->in + at);
    if (c->in_len - at < 4 + length) break;
    take_frame(c, c->in + at + 4);
    at += 4 + length;
  }
  memmove(c->in, c->in + at, c->in_len - at);
  c->in_len -= at;
}
static void poll_once(void) {
  struct epoll_event events[512];
  int n = epoll_wait(epoll_fd, events, 512, 100);
  if (n < 0 && errno != EINTR) die("epoll_wait");
  for (int i = 0; i < n; i++) {
    struct connection *c = events[i].data.ptr;
    if (events[i].events & ~EPOLLOUT) receive(c);
    if (events[i].events & EPOLLOUT) flush(c);
  }
}

/*
 * A server that is starting may refuse a connection, close it, or take it and never answer (Apache does, while it loads
 * its data). So a new attempt begins again and again beside those that wait, and the first reply to any of them counts.
 */
static int begin_attempt(struct connection *c) {
  if (c->open) close(c->fd);
  c->open = 0;
  c->outstanding = 0;
  if (try_connect(c) < 0 || say_hello(c) < 0) { close(c->fd); return -1; }
  c->open = 1;
  return 0;
}
static int attempt_is_answered(struct connection *c) {
  if (read_frame(c) < 0) { close(c->fd); c->open = 0; return 0; }
  if (c->outstanding) return 1;
  send_get(c, "/", 0);
  send_all(c);
  return 0;
}
static int first(void) {
  static struct connection attempts[ATTEMPTS];
  struct pollfd waiting[ATTEMPTS];
  double next = 0, deadline = now() + 300;
  for (long n = 0; now() < deadline;) {
    if (now() >= next) {
      int refused = begin_attempt(&attempts[n % ATTEMPTS]) < 0;
      next = now() + (refused ? 0.001 : 0.01);
      if (!refused) n++;
    }
    for (int i = 0; i < ATTEMPTS; i++) waiting[i] = (struct pollfd){.fd = attempts[i].open ? attempts[i].fd : -1, .events = POLLIN};
    poll(waiting, ATTEMPTS, 1);
    for (int i = 0; i < ATTEMPTS; i++) {
      if (!waiting[i].revents || !attempt_is_answered(&attempts[i])) continue;
      printf("{\"at_ms\":%.3f}\n", now() * 1e3);
      return 0;
    }
  }
  fprintf(stderr, "zkprobe: no reply within 300 seconds\n");
  return 1;
}

static int fill(const char *root, int parents, int children, int size) {
  char *data = malloc(size + 1), path[128];
  memset(data, 'x', size);
  open_connections(LOADERS, 0);
  double start = now();
  send_create(&connections[0], root, "", 0);
  flush(&connections[0]);
  while (replies < 1) poll_once();
  for (int i = 0; i < parents; i++) {
    snprintf(path, sizeof path, "%s/p%d", root, i);
    send_create(&connections[0], path, "", 0);
    flush(&connections[0]);
    while (replies < 2 + i) poll_once();
  }
  long total = (long)parents * children, issued = 0, base = replies;
  while (replies - base < total) {
    for (int i = 0; i < LOADERS; i++) {
      for (; issued < total && connections[i].outstanding < FILL_DEPTH; issued++) {
        snprintf(path, sizeof path, "%s/p%ld/c%ld", root, issued % parents, issued / parents);
        send_create(&connections[i], path, data, size);
      }
      flush(&connections[i]);
    }
    poll_once();
  }
  printf("{\"znodes\":%ld,\"seconds\":%.3f}\n", total, now() - start);
  close_sessions(LOADERS);
  return 0;
}

static int input_ended(void) { char b[64]; ssize_t r = read(0, b, sizeof b); return r == 0 || (r < 0 && errno != EAGAIN); }

static int reads(int parents, int children, int depth, const char *file) {
  char path[128];
  unsigned seed = 1;
  fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
  open_connections(LOADERS, depth + 1);
  sampling = 1;
  for (double look = now() + 0.01;;) {
    for (int i = 0; i < LOADERS; i++) {
      while (connections[i].outstanding < depth) {
        seed = seed * 1664525u + 1013904223u;
        snprintf(path, sizeof path, "/bench/p%u/c%u", (seed >> 8) % parents, (seed >> 4) % children);
        send_get(&connections[i], path, 0);
      }
      flush(&connections[i]);
    }
    poll_once();
    if (now() < look) continue;
    if (input_ended()) break;
    look = now() + 0.01;
  }
  FILE *f = fopen(file, "wb");
  if (!f || fwrite(samples, 2 * sizeof *samples, sample_count, f) != (size_t)sample_count || fclose(f)) die(file);
  printf("{\"reads\":%ld}\n", sample_count);
  return 0;
}

static int watchers(int count, int warm, int rounds) {
  open_connections(count + 1, 0);
  struct connection *setter = &connections[count];
  send_create(setter, WATCHED, "0", 1);
  flush(setter);
  while (replies < 1) poll_once();
  printf("{\"watchers\":%d,\"ms\":[", count);
  for (int round = 0; round < warm + rounds; round++) {
    replies = notifications = 0;
    for (int i = 0; i < count; i++) { send_get(&connections[i], WATCHED, 1); flush(&connections[i]); }
    while (replies < count) poll_once();
    pause_ms(100);
    double start = now();
    send_set(setter, WATCHED, "1", 1);
    flush(setter);
    while (notifications < count || replies < count + 1) poll_once();
    if (round >= warm) printf("%s%.3f", round > warm ? "," : "", (last_notification - start) * 1e3);
  }
  printf("]}\n");
  return 0;
}

int main(int argc, char **argv) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  if (argc < 3) { fprintf(stderr, "zkprobe: first | fill | reads | watchers, then a port\n"); return 2; }
  port = atoi(argv[2]);
  if (!strcmp(argv[1], "first") && argc == 3) return first();
  if (!strcmp(argv[1], "fill") && argc == 7) return fill(argv[3], atoi(argv[4]), atoi(argv[5]), atoi(argv[6]));
  if (!strcmp(argv[1], "reads") && argc == 7) return reads(atoi(argv[3]), atoi(argv[4]), atoi(argv[5]), argv[6]);
  if (!strcmp(argv[1], "watchers") && argc == 6) return watchers(atoi(argv[3]), atoi(argv[4]), atoi(argv[5]));
  fprintf(stderr, "zkprobe: unknown command or wrong number of arguments: %s\n", argv[1]);
  return 2;
}
