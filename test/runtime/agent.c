// Answers the calls of containers: agent SOCKET [NUMBER=ERRNO...] lets all go on but those. Says "ready"; then, of
// each listener that it is given, the message that came with it, and the number of each call.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int take(int connection, char *text, size_t size) {
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec vector = {text, size - 1};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
  ssize_t length = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
  struct cmsghdr *header = length > 0 ? CMSG_FIRSTHDR(&message) : NULL;
  if (header == NULL || header->cmsg_type != SCM_RIGHTS) return -1;
  text[length] = 0;
  int listener;
  memcpy(&listener, CMSG_DATA(header), sizeof(int));
  return listener;
}

static void answer(int listener, int argc, char **argv) {
  for (;;) {
    struct seccomp_notif call = {0};
    struct seccomp_notif_resp reply = {0};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    printf("call %d\n", call.data.nr);
    fflush(stdout);
    reply.id = call.id;
    reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    for (int i = 2; i < argc; i++) {
      if (atoi(argv[i]) != call.data.nr) continue;
      reply.flags = 0;
      reply.error = -atoi(strchr(argv[i], '=') + 1);
    }
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
  }
}

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, argv[1], sizeof(address.sun_path) - 1);
  int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(server, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(server, 8) != 0) return 1;
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    int connection = accept(server, NULL, NULL);
    if (connection < 0) return 1;
    static char text[1 << 16];
    int listener = take(connection, text, sizeof(text));
    close(connection);
    if (listener < 0) continue;
    printf("state %s\n", text);
    fflush(stdout);
    if (fork() == 0) {
      answer(listener, argc, argv);
      _exit(0);
    }
    close(listener);
  }
}
