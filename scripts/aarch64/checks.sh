# Makes containers and says of each, as a line of TAP, whether what came of it is what it should be. Ends the VM.
export PATH=/bin HOME=/
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run
chmod 1777 /tmp
ip link set lo up
ulimit -n 1048576
hostname vm
ln -s corten /bin/runt
mkdir /etc /usr /var
echo root:x:0:0::/:/bin/sh >/etc/passwd
echo root:x:0: >/etc/group
count=0

point() {
  count=$((count + 1))
  if [ "$2" = "$3" ]; then
    echo "ok $count - $1"
  else
    echo "not ok $count - $1"
    printf '%s\n' "expected: $2" "came:     $3" | sed 's/^/# /'
  fi
}

# A bundle with a root file system of busybox alone, in which the command runs; $RUNT is the program under test.
check() {
  for name in bin proc dev sys tmp; do mkdir -p "/bundle/rootfs/$name"; done
  cd /bundle || exit
  cp "/cases/$1.json" config.json
  cp /bin/busybox rootfs/bin/
  chroot rootfs /bin/busybox --install -s /bin
  point "$2" "$4" "$(eval "$3" 2>&1)"
  cd /
  rm -rf /bundle
}

# All but those that make a thousand containers, which is too much where each instruction is emulated.
run_tests() {
  corten-test | grep -v -e fuzz -e faults >/tmp/suites
  while read -r suite; do
    result=$(corten-test "$suite" 2>&1 | grep -A 12 '^not ok')
    point "the host's own tests: $suite" '' "$result"
  done </tmp/suites
}

finish() {
  point 'nothing is left behind' 'none' "$(ls /run/runt /sys/fs/cgroup | grep -e '^c[0-9]' || echo none)"
  echo done
  poweroff -f
}

point 'the kernel is of another machine than the build' aarch64 "$(uname -m)"
