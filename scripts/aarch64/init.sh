#!/bin/busybox sh
# The VM's first process: a root that pivot_root(2) can leave, in the place of the kernel's first one.
/bin/busybox --install -s /bin
export PATH=/bin
for module in /modules/*; do insmod "$module"; done
mount -t tmpfs -o size=80% tmpfs /new
cp -a /bin /cases /checks.sh /new
mkdir /new/proc /new/sys /new/dev /new/tmp /new/run
exec switch_root /new /bin/busybox sh /checks.sh
