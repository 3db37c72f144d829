/*
 * The floor: what the kernel alone takes for the writes of a live stream. It accepts players of HTTP-FLV and then does
 * nothing but one non-blocking send to each of them at each interval, of bytes that are the same for all. There is no
 * publisher, no parsing, no queue. A server can hardly be cheaper, as the cost of `send` is the kernel's.
 *
 *   floor INTERVAL_US BYTES WRITES_PER_KEYFRAME STAMP_HEX
 *
 * Each write is one FLV video tag (Adobe Video File Format 10.1, E.4) of BYTES in all, so that the same players can read
 * it. Its first NAL unit is STAMP, into which the time of CLOCK_MONOTONIC and a counter are written as src/load/stamp.ts
 * does. It prints its port on 127.0.0.1 and ends with its parent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 256
#define BACKLOG 4096
#define MAX_PLAYERS 65536
#define TAG_HEADER 11
#define VIDEO_HEADER 5
#define NAL_LENGTH 4
#define TRAILER 4
/* Where the stamp has its time: behind the SEI message's header and its UUID (ITU-T H.264, D.1.6). */
#define TIME_OFFSET (3 + 16)
#define TIME_BYTES 8
#define COUNTER_BYTES 4
#define REQUEST_END "\r\n\r\n"

struct player {
  int matched;   /* bytes of REQUEST_END seen */
  int watching;  /* has asked, and been answered */
  size_t unsent; /* bytes of the last tag that the socket did not take: its last ones */
  uint8_t *rest; /* those bytes, in memory of their own */
};

static struct player *players;
static int player_limit;
static int highest; /* no player has a larger descriptor */

static uint8_t *tag;
static size_t tag_bytes;
static uint8_t *stamp_at; /* within the tag */
static uint8_t *slice_at; /* the same: the picture's NAL unit */
static uint32_t counter;

static void put32(uint8_t *at, uint32_t value) {
  value = htonl(value);
  memcpy(at, &value, 4);
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* Seven bits to a byte, so that no byte is 0 and nothing has to be escaped. */
static void put_seven_bits(uint8_t *at, int length, uint64_t value) {
  for (int i = length - 1; i >= 0; i--) {
    at[i] = 0x80 | (value & 0x7f);
    value >>= 7;
  }
}

/* The parts of the tag that are the same in every write. */
static void make_tag(size_t bytes, const char *stamp_hex) {
  size_t stamp = strlen(stamp_hex) / 2;
  size_t least = TAG_HEADER + VIDEO_HEADER + NAL_LENGTH + stamp + NAL_LENGTH + 1 + TRAILER;
  tag_bytes = bytes < least ? least : bytes;
  tag = malloc(tag_bytes);
  if (tag == NULL || stamp < TIME_OFFSET + TIME_BYTES + COUNTER_BYTES) {
    fail("tag");
  }
  memset(tag, 0x55, tag_bytes);
  put32(tag, (uint32_t)(tag_bytes - TAG_HEADER - TRAILER));
  tag[0] = 9;
  memset(tag + 8, 0, 3);
  memset(tag + TAG_HEADER, 0, VIDEO_HEADER);
  tag[TAG_HEADER + 1] = 1;
  uint8_t *unit = tag + TAG_HEADER + VIDEO_HEADER;
  put32(unit, (uint32_t)stamp);
  unit += NAL_LENGTH;
  for (size_t i = 0; i < stamp; i++) {
    unsigned value = 0;
    sscanf(stamp_hex + 2 * i, "%2x", &value);
    unit[i] = (uint8_t)value;
  }
  stamp_at = unit;
  unit += stamp;
  slice_at = unit + NAL_LENGTH;
  put32(unit, (uint32_t)(tag + tag_bytes - TRAILER - slice_at));
  put32(tag + tag_bytes - TRAILER, (uint32_t)(tag_bytes - TRAILER));
}

/* The parts that change: kind of frame, timestamp, stamp. */
static void stamp_tag(uint64_t ms, int keyframe) {
  tag[4] = (uint8_t)(ms >> 16);
  tag[5] = (uint8_t)(ms >> 8);
  tag[6] = (uint8_t)ms;
  tag[7] = (uint8_t)(ms >> 24);
  tag[TAG_HEADER] = keyframe ? 0x17 : 0x27;
  *slice_at = keyframe ? 0x65 : 0x41;
  put_seven_bits(stamp_at + TIME_OFFSET, TIME_BYTES, now_us());
  put_seven_bits(stamp_at + TIME_OFFSET + TIME_BYTES, COUNTER_BYTES, counter++);
}

static void forget(int fd) {
  free(players[fd].rest);
  memset(&players[fd], 0, sizeof players[fd]);
  close(fd);
}

/* One write to one player. Who is behind gets what is left of its tag, and nothing else this time. */
static void write_to(int fd) {
  struct player *player = &players[fd];
  const uint8_t *bytes = player->unsent > 0 ? player->rest : tag;
  size_t length = player->unsent > 0 ? player->unsent : tag_bytes;
  ssize_t sent = send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN) {
      forget(fd);
    }
    return;
  }
  size_t left = length - (size_t)sent;
  if (left > 0) {
    if (player->rest == NULL && (player->rest = malloc(tag_bytes)) == NULL) {
      fail("malloc");
    }
    memmove(player->rest, bytes + sent, left);
  }
  player->unsent = left;
}

static void answer(int fd) {
  static const char head[] = "HTTP/1.1 200 OK\r\ncontent-type: video/x-flv\r\nconnection: close\r\n\r\n"
                             "FLV\1\1\0\0\0\x9\0\0\0";
  /* The literal's own end is the last byte of PreviousTagSize0. */
  if (send(fd, head, sizeof head, MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof head) {
    forget(fd);
    return;
  }
  players[fd].watching = 1;
}

static void read_from(int fd) {
  char bytes[4096];
  ssize_t length = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (length == 0 || (length < 0 && errno != EAGAIN)) {
    forget(fd);
    return;
  }
  struct player *player = &players[fd];
  for (ssize_t i = 0; i < length && !player->watching; i++) {
    player->matched = bytes[i] == REQUEST_END[player->matched] ? player->matched + 1 : bytes[i] == '\r';
    if (player->matched == (int)strlen(REQUEST_END)) {
      answer(fd);
    }
  }
}

static void accept_all(int listener, int poll) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) {
      return;
    }
    if (fd >= player_limit) {
      close(fd);
      continue;
    }
    highest = fd > highest ? fd : highest;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) < 0) {
      fail("epoll_ctl");
    }
  }
}

static int listen_on_free_port(void) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, BACKLOG) < 0 ||
      getsockname(listener, (struct sockaddr *)&address, &length) < 0) {
    fail("listen");
  }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

static int start_timer(uint64_t interval_us) {
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct timespec interval = {(time_t)(interval_us / 1000000), (long)(interval_us % 1000000) * 1000};
  struct itimerspec schedule = {interval, interval};
  if (timer < 0 || timerfd_settime(timer, 0, &schedule, NULL) < 0) {
    fail("timerfd");
  }
  return timer;
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: floor INTERVAL_US BYTES WRITES_PER_KEYFRAME STAMP_HEX\n");
    return 2;
  }
  uint64_t interval_us = strtoull(argv[1], NULL, 10);
  unsigned writes_per_keyframe = (unsigned)strtoul(argv[3], NULL, 10);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  player_limit = files.rlim_max < MAX_PLAYERS ? (int)files.rlim_max : MAX_PLAYERS;
  players = calloc((size_t)player_limit, sizeof *players);
  if (players == NULL || interval_us == 0 || writes_per_keyframe == 0) {
    fail("arguments");
  }
  make_tag(strtoul(argv[2], NULL, 10), argv[4]);

  int poll = epoll_create1(0);
  int listener = listen_on_free_port();
  int timer = start_timer(interval_us);
  int sources[] = {listener, timer};
  for (int i = 0; i < 2; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = sources[i]};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, sources[i], &event) < 0) {
      fail("epoll_ctl");
    }
  }
  for (;;) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(poll, events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) {
        accept_all(listener, poll);
      } else if (fd != timer) {
        read_from(fd);
      } else {
        uint64_t expirations = 0;
        if (read(timer, &expirations, sizeof expirations) != sizeof expirations) {
          continue;
        }
        stamp_tag(counter * interval_us / 1000, counter % writes_per_keyframe == 0);
        for (int each = 0; each <= highest; each++) {
          if (players[each].watching) {
            write_to(each);
          }
        }
      }
    }
  }
}
