// Compiles profiles with libseccomp as runc does. Reads lines, answers each profile with one line:
//   p ACTION                             a new profile and its default action
//   a NAME                               one more architecture
//   r ACTION NAME [INDEX OP VALUE TWO]…  a rule
//   n NAME                               a name that counts for which call is the newest
//   e                                    the end: "ok NEWEST:NEWEST:… HEX" (x86_64, x86, x32, aarch64, arm), or
//                                        "no ERRNO" where libseccomp refuses, "no 0" where it crashes
// Each profile is a process of its own, because libseccomp 2.5.4 does crash on some.
// "k NAME" alone asks for the numbers of a name on these architectures.
#define _GNU_SOURCE
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARCHITECTURES 5
static const uint32_t architectures[ARCHITECTURES] = {SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32,
                                                      SCMP_ARCH_AARCH64, SCMP_ARCH_ARM};
static scmp_filter_ctx filter;
static int failure;
static int rules;
static int newest[ARCHITECTURES];

static void note(int result) {
  if (result < 0 && failure == 0) failure = -result;
}

static void begin(const char *action) {
  if (filter != NULL) seccomp_release(filter);
  filter = seccomp_init(strtoul(action, NULL, 0));
  failure = filter == NULL ? EINVAL : 0;
  rules = 0;
  memset(newest, 0, sizeof(newest));
}

static void add_architecture(const char *name) {
  int result = seccomp_arch_add(filter, seccomp_arch_resolve_name(name));
  if (result != -EEXIST) note(result);
}

static void add_rule(void) {
  uint32_t action = strtoul(strtok(NULL, " "), NULL, 0);
  int call = seccomp_syscall_resolve_name(strtok(NULL, " "));
  struct scmp_arg_cmp conditions[6];
  unsigned count = 0;
  for (char *word = strtok(NULL, " "); word != NULL && count < 6; word = strtok(NULL, " "), count++) {
    conditions[count].arg = atoi(word);
    conditions[count].op = atoi(strtok(NULL, " "));
    conditions[count].datum_a = strtoull(strtok(NULL, " "), NULL, 0);
    conditions[count].datum_b = strtoull(strtok(NULL, " "), NULL, 0);
  }
  rules++;
  if (call != __NR_SCMP_ERROR && failure == 0) note(seccomp_rule_add_array(filter, action, call, count, conditions));
}

static void see(const char *name) {
  for (int i = 0; i < ARCHITECTURES; i++) {
    int number = seccomp_syscall_resolve_name_arch(architectures[i], name);
    if (number > newest[i]) newest[i] = number;
  }
}

static void end(void) {
  if (rules > 32) note(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2));
  int file = memfd_create("filter", 0);
  if (failure == 0) note(seccomp_export_bpf(filter, file));
  if (failure != 0) {
    printf("no %d\n", failure);
  } else {
    unsigned char byte;
    lseek(file, 0, SEEK_SET);
    printf("ok %d:%d:%d:%d:%d ", newest[0], newest[1], newest[2], newest[3], newest[4]);
    static unsigned char program[1 << 20];
    ssize_t size = read(file, program, sizeof(program));
    for (ssize_t i = 0; i < size; i++) printf("%02x", byte = program[i]);
    printf("\n");
  }
  close(file);
}

static void take(char *line) {
  const char *verb = strtok(line, " ");
  if (verb == NULL) return;
  if (*verb == 'p') begin(strtok(NULL, " "));
  if (*verb == 'a') add_architecture(strtok(NULL, " "));
  if (*verb == 'r') add_rule();
  if (*verb == 'n') see(strtok(NULL, " "));
  if (*verb == 'e') end();
  if (*verb == 'k') {
    const char *name = strtok(NULL, " ");
    printf("%d", seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR ? -1 : 0);
    for (int i = 0; i < ARCHITECTURES; i++) printf(" %d", seccomp_syscall_resolve_name_arch(architectures[i], name));
    printf("\n");
  }
}

int main(void) {
  static char line[1 << 16];
  static char profile[1 << 22];
  size_t size = 0;
  while (fgets(line, sizeof(line), stdin) != NULL) {
    if (*line == 'k') {
      line[strcspn(line, "\n")] = 0;
      take(line);
      continue;
    }
    if (size + strlen(line) >= sizeof(profile)) return 1;
    size += sprintf(profile + size, "%s", line);
    if (*line != 'e') continue;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
      char *place = NULL;
      for (char *one = strtok_r(profile, "\n", &place); one != NULL; one = strtok_r(NULL, "\n", &place)) take(one);
      fflush(stdout);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) printf("no 0\n");
    size = 0;
  }
  return 0;
}
