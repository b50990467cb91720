# Runs virtiofsd and QEMU in mount and pid namespaces of their own, so that nothing outlives them and the host's root
# is read-only to both. Usage: sh host.sh FOLDER VIRTIOFSD QEMU-COMMAND...
# Exits with the code that the VM tells, or 125 with the kernel's last words.
set -eu
folder=$1
virtiofsd=$2
shift 2
mount -t tmpfs -o mode=700 tmpfs "$folder/run"
# virtiofsd writes a file of its own there.
mount -t tmpfs tmpfs /run
mount -o remount,bind,ro /
cd "$folder/run"
export TMPDIR="$folder/run"
mkfifo out err
: >status
"$virtiofsd" --socket-path=fs.sock -o source=/ -o cache=always -o sandbox=chroot </dev/null >virtiofsd.log 2>&1 &
cat out &
out=$!
cat err >&2 &
err=$!
tries=0
until [ -S fs.sock ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 500 ]; then
    cat virtiofsd.log >&2
    exit 125
  fi
  sleep 0.01
done
"$@" || :
: >out &
: >err &
wait "$out" "$err"
status=$(cat status)
if [ -z "$status" ]; then
  echo 'vm: the VM ended without telling the exit code of the command; its kernel said last:' >&2
  tail -n 15 kernel.log >&2
  exit 125
fi
exit "$status"
