# The VM's first process in its second stage: mounts what a Linux system has, runs one command, tells its exit code
# and turns the VM off. Settings come from the kernel's command line.
set -e
trap "/bin/busybox poweroff -f" EXIT
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=1777 tmpfs /var/tmp
# As a system's start makes them (modules.devname): whoever opens one has the kernel load its module.
[ -e /dev/loop-control ] || mknod -m 660 /dev/loop-control c 10 237
ln -sf /proc/self/fd /dev/fd
ln -sf fd/0 /dev/stdin
ln -sf fd/1 /dev/stdout
ln -sf fd/2 /dev/stderr

setting() {
  sed -n "s/.* vm\.$1=\([^ ]*\).*/\1/p" /proc/cmdline
}

mount_v1() {
  mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
  for controllers in $(awk '$4 == 1 && !/^(cpu|cpuacct|net_cls|net_prio)\t/ { print $1 }' /proc/cgroups) \
    cpu,cpuacct net_cls,net_prio; do
    mount_hierarchy "$controllers" "$controllers"
  done
  mount_hierarchy systemd none,name=systemd
}

mount_hierarchy() {
  mkdir "/sys/fs/cgroup/$1"
  mount -t cgroup -o "$2" cgroup "/sys/fs/cgroup/$1"
}

case $(setting cgroups) in
v1) mount_v1 ;;
hybrid)
  mount_v1
  mkdir /sys/fs/cgroup/unified
  mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
  ;;
*) mount -t cgroup2 cgroup2 /sys/fs/cgroup ;;
esac

# The kernel asks for a module by this program; its modules lie where the host keeps them for us.
version=$(uname -r)
mkdir -p "/lib/modules/$version"
mount --bind "$(setting modules)" "/lib/modules/$version"
printf '#!/bin/busybox sh\nexec /bin/busybox modprobe "$@"\n' >/run/vm/modprobe
chmod 755 /run/vm/modprobe
echo /run/vm/modprobe >/proc/sys/kernel/modprobe

/bin/busybox ip link set lo up
/bin/busybox hostname vm
ulimit -n 1048576
ulimit -c 0

for port in /sys/class/virtio-ports/*; do
  [ ! -e "$port/name" ] || ln -s "/dev/${port##*/}" "/run/vm/$(cat "$port/name")"
done

# A port can be opened once only, which a program that opens /dev/stderr again would meet: it gets pipes.
run_piped() {
  mkfifo /run/vm/stdout /run/vm/stderr
  cat /run/vm/stdout >/run/vm/vm.out &
  out=$!
  cat /run/vm/stderr >/run/vm/vm.err &
  err=$!
  status=0
  if [ -e /run/vm/vm.in ]; then
    mkfifo /run/vm/stdin
    cat /run/vm/vm.in >/run/vm/stdin &
    /bin/busybox sh /run/vm/run.sh </run/vm/stdin >/run/vm/stdout 2>/run/vm/stderr || status=$?
  else
    /bin/busybox sh /run/vm/run.sh </dev/null >/run/vm/stdout 2>/run/vm/stderr || status=$?
  fi
  # What the command left running holds the pipes open.
  for process in /proc/[0-9]*; do
    case ${process#/proc/} in
    1 | "$out" | "$err") ;;
    *) kill -KILL "${process#/proc/}" 2>/dev/null || : ;;
    esac
  done
  wait "$out" "$err" || :
}

run_on_terminal() {
  status=0
  stty -F /dev/hvc0 sane rows "$(setting rows)" cols "$(setting columns)"
  setsid -c /bin/busybox sh /run/vm/run.sh </dev/hvc0 >/dev/hvc0 2>&1 || status=$?
}

if [ -n "$(setting rows)" ]; then run_on_terminal; else run_piped; fi
echo "$status" >/run/vm/vm.status
/bin/busybox poweroff -f
