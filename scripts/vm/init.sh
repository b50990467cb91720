#!/bin/busybox sh
# The VM's first process: puts a writable layer over the host's files and changes into it.
set -e
trap "/bin/busybox poweroff -f" EXIT
/bin/busybox --install -s /bin
export PATH=/bin
mount -t devtmpfs devtmpfs /dev
for module in /modules/*; do
  [ ! -e "$module" ] || insmod "$module"
done
mount -t virtiofs -o ro host /host
mount -t tmpfs -o size=75% tmpfs /changes
mkdir /changes/upper /changes/work
mount -t overlay -o lowerdir=/host,upperdir=/changes/upper,workdir=/changes/work overlay /root
# Before anything reads there: what the host shows at /proc/self is virtiofsd.
mount -t proc proc /root/proc
mount -t tmpfs -o mode=755 tmpfs /root/run
mkdir /root/run/vm
cp /system.sh /run.sh /root/run/vm
umount /dev
exec switch_root /root /bin/busybox sh /run/vm/system.sh
