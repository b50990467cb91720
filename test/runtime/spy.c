/*
 * spy SECONDS: looks at every other process that it can see, as fast as it can, and tells once what it could open of
 * one that doesn't run a program of the container: its executable, memory, descriptors, root, and an environment with
 * MARKER in it. An executable that it got hold of is written to later, when nobody executes it any more.
 */

#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char told[64][256];
static int held[64], holding;

static void tell(const char *format, ...) {
    char line[256];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    for (int i = 0; i < 64; i++) {
        if (told[i][0] == 0) {
            strcpy(told[i], line);
            puts(line);
            fflush(stdout);
            return;
        }
        if (strcmp(told[i], line) == 0) return;
    }
}

/* 1: a program of the container; 0: another; -1: not to be seen. */
static int executable(const char *pid, char *name) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/exe", pid);
    ssize_t length = readlink(path, name, 200);
    if (length <= 0) return -1;
    name[length] = 0;
    return strncmp(name, "/bin/", 5) == 0;
}

/* Whether it is the runtime still, which it was before then too: execve(2) changes the name for good. */
static int isRuntime(const char *pid) {
    char name[16] = {0}, path[64];
    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t length = read(fd, name, sizeof name - 1);
    close(fd);
    return length == 5 && strcmp(name, "runt\n") == 0;
}

static void look(const char *pid, const struct stat *root) {
    char name[256], path[64], content[65536];
    int kind = executable(pid, name);
    if (kind == 1) return;
    int isStub = kind == 0 && strncmp(name, "/memfd:stub", 11) == 0;
    if (kind == 0) {
        if (!isStub && isRuntime(pid)) tell("exe");
        snprintf(path, sizeof path, "/proc/%s/exe", pid);
        int fd = open(path, O_PATH | O_CLOEXEC);
        if (fd >= 0 && holding < 64) held[holding++] = fd;
        else if (fd >= 0) close(fd);
    }
    if (isStub) return;
    snprintf(path, sizeof path, "/proc/%s/mem", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && isRuntime(pid)) tell("mem");
    if (fd >= 0) close(fd);
    snprintf(path, sizeof path, "/proc/%s/environ", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t length = read(fd, content, sizeof content);
        if (length > 0 && memmem(content, length, "MARKER", 6) != NULL && isRuntime(pid)) tell("environ");
        close(fd);
    }
    snprintf(path, sizeof path, "/proc/%s/fd", pid);
    DIR *list = opendir(path);
    if (list != NULL) {
        for (struct dirent *entry; (entry = readdir(list)) != NULL;)
            if (readlinkat(dirfd(list), entry->d_name, content, sizeof content) > 0 && isRuntime(pid)) tell("fd");
        closedir(list);
    }
    struct stat other;
    snprintf(path, sizeof path, "/proc/%s/root/.", pid);
    if (stat(path, &other) == 0 && isRuntime(pid)) tell(other.st_ino == root->st_ino ? "own root" : "root");
}

static void writeAll(void) {
    char path[64];
    for (int i = 0; i < holding; i++) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", held[i]);
        char first, name[256] = {0};
        /* Between two looks it may have become a program of the container. */
        if (readlink(path, name, sizeof name - 1) <= 0 || strncmp(name, "/bin/", 5) == 0) continue;
        int fd = open(path, O_RDWR | O_CLOEXEC);
        if (fd < 0) continue;
        /* The byte that is there, so that a test that fails does no harm. */
        if (pread(fd, &first, 1, 0) == 1 && pwrite(fd, &first, 1, 0) == 1) tell("may write");
        close(fd);
    }
}

int main(int argc, char **argv) {
    struct stat root;
    int seconds = argc > 1 ? atoi(argv[1]) : 1;
    char own[16];
    snprintf(own, sizeof own, "%d", getpid());
    stat("/.", &root);
    for (time_t end = time(NULL) + seconds; time(NULL) < end;) {
        DIR *list = opendir("/proc");
        for (struct dirent *entry; (entry = readdir(list)) != NULL;)
            if (entry->d_name[0] > '0' && entry->d_name[0] <= '9' && strcmp(entry->d_name, own) != 0) look(entry->d_name, &root);
        closedir(list);
        if (holding > 48) {
            usleep(20000);
            writeAll();
            while (holding > 0) close(held[--holding]);
        }
    }
    usleep(100000);
    writeAll();
    return 0;
}
