// degrade ERRNO NUMBER,... COMMAND...: runs a command for which those system calls are refused, as an older kernel
// (ENOSYS, 38) or the seccomp profile of an outer container (EPERM, 1) refuses them. Needs CAP_SYS_ADMIN.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct sock_filter program[128];
  unsigned short length = 0;
  unsigned answer = SECCOMP_RET_ERRNO | (unsigned)atoi(argv[1]);
  program[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (char *at = argv[2]; *at != 0 && length < 120;) {
    unsigned number = strtoul(at, &at, 10);
    if (*at == ',') at++;
    program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
    program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer);
  }
  program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog filter = {.len = length, .filter = program};
  if (argc < 4 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0) {
    perror("degrade");
    return 125;
  }
  execvp(argv[3], argv + 3);
  perror(argv[3]);
  return 127;
}
