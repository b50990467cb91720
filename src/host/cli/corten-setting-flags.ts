import type { Flag } from './options.ts';

const on = (help: string): Flag => ({ kind: 'switch', help });
const text = (value: string, help: string, short?: string): Flag => ({
  kind: 'text',
  value,
  help,
  ...(short === undefined ? {} : { short }),
});
const list = (value: string, help: string): Flag => ({ kind: 'list', value, help });

/** Flags of `run` and `create` about limits, beside those that most use. */
export const LIMIT_FLAGS = {
  'memory-reservation': text('SIZE', 'memory that the kernel leaves it when memory is short'),
  'memory-swap': text('SIZE', 'most memory and swap together; -1 for no limit of swap'),
  'memory-swappiness': text('NUMBER', 'how readily its memory is swapped, 0 to 100'),
  'oom-kill-disable': on('let programs wait instead of killing one when memory is used up'),
  'cpu-shares': text('NUMBER', 'weight against other containers, 1024 is usual', 'c'),
  'cpu-period': text('MICROSECONDS', 'the period that --cpu-quota is of'),
  'cpu-quota': text('MICROSECONDS', 'most processor time in each period'),
  'cpu-rt-period': text('MICROSECONDS', 'the period that --cpu-rt-runtime is of'),
  'cpu-rt-runtime': text('MICROSECONDS', 'most realtime in each period'),
  'cpuset-cpus': text('LIST', 'only these processors: 0-3,8'),
  'cpuset-mems': text('LIST', 'only memory of these nodes'),
  'blkio-weight': text('NUMBER', 'weight of its disk accesses, 10 to 1000'),
  'blkio-weight-device': list('DEVICE:WEIGHT', 'the same for one block device'),
  'device-read-bps': list('DEVICE:SIZE', 'most bytes a second read from a device'),
  'device-write-bps': list('DEVICE:SIZE', 'most bytes a second written to a device'),
  'device-read-iops': list('DEVICE:NUMBER', 'most reads a second from a device'),
  'device-write-iops': list('DEVICE:NUMBER', 'most writes a second to a device'),
  'device-cgroup-rule': list('RULE', 'allow devices: c 10:* rwm'),
} as const;

/** Flags that few containers need: what they ask for is read by a chunk of its own. */
export const SETTING_FLAGS = {
  domainname: text('NAME', "the container's NIS domain"),
  annotation: list('KEY=VALUE', 'annotation for the OCI runtime'),
  privileged: on('all capabilities and devices, nothing masked, no seccomp filter'),
  'cap-add': list('CAPABILITY', 'give a capability: NET_ADMIN, or ALL'),
  'cap-drop': list('CAPABILITY', 'take a capability away, or ALL'),
  'security-opt': list(
    'OPTION',
    'seccomp=unconfined|FILE, no-new-privileges, unmask=PATH:…|ALL, mask=PATH:…, systempaths=unconfined, writable-cgroups=true',
  ),
  pid: text('host|container:NAME', "the host's processes, or another container's"),
  ipc: text('host|private|none|container:NAME', 'whose System V IPC and /dev/shm'),
  uts: text('host|container:NAME', 'whose host name'),
  userns: text('host|auto[:size=N]', 'whose users and groups: auto for ids that no other container has'),
  uidmap: list('ID:HOST-ID:COUNT', 'users of the container, and which of the host they are'),
  gidmap: list('ID:HOST-ID:COUNT', 'the same of groups; as the users unless given'),
  subuidname: text('NAME', 'the users that /etc/subuid gives to this name'),
  subgidname: text('NAME', 'the same of groups in /etc/subgid; of the same name unless given'),
  cgroupns: text('private|host', 'whose view of the cgroups'),
  'cgroup-parent': text('PATH', 'the cgroup below which its own is made'),
  device: list(
    'DEVICE[:DEVICE][:rwm]',
    "a device of the host's, a directory of them, or one by its CDI name: vendor.com/class=name",
  ),
  gpus: list('all|NUMBER|device=0,1', 'GPUs, by their CDI names'),
  ulimit: list('NAME=SOFT[:HARD]', 'limit of each process: nofile=1024:2048'),
  sysctl: list('NAME=VALUE', "kernel parameter of the container's own namespaces"),
  'shm-size': text('SIZE', 'size of /dev/shm, 64m unless given'),
  init: on('a small init as the first process, which reaps what others leave'),
  'stop-signal': text('SIGNAL', 'how stop asks for the end'),
  'stop-timeout': text('SECONDS', 'how long stop waits before the kill'),
  umask: text('OCTAL', 'umask of the program, 0022 unless given'),
  'group-add': list('GROUP', 'further groups of the user, by name or number'),
  'oom-score-adj': text('NUMBER', 'how readily it is killed when memory is short, -1000 to 1000'),
  restart: text('no|always|unless-stopped|on-failure[:MOST]', 'whether it is started again when it ends'),
  'health-cmd': text('COMMAND', 'how its health is checked, by a shell in it'),
  'health-interval': text('DURATION', 'time between checks, 30s unless given'),
  'health-timeout': text('DURATION', 'how long a check may take, 30s unless given'),
  'health-retries': text('NUMBER', 'failures in a row that make it unhealthy, 3 unless given'),
  'health-start-period': text('DURATION', 'time in which failures do not count'),
  'health-start-interval': text('DURATION', 'time between checks meanwhile, 5s unless given'),
  'no-healthcheck': on("without the image's own check"),
  'log-driver': text('json-file|k8s-file|none', 'how its output is kept: k8s-file unless given'),
  'log-opt': list('NAME=VALUE', 'max-size and max-file: 10m and 3 unless given, max-size=-1 for no limit'),
  timeout: text('SECONDS', 'kill the program after this time'),
  runtime: text('PROGRAM', 'run it by another OCI runtime: crun, runc or a path'),
  link: list('CONTAINER[:NAME]', 'a container that is to be found by this name, with its ports in variables'),
  'storage-opt': list('size=SIZE', 'refused by this version, which sets no project quotas'),
  secret: list(
    'NAME[,OPTIONS]',
    'show a secret, read-only, below /run/secrets; options type=mount|env, target, uid, gid, mode',
  ),
  'volumes-from': list('CONTAINER[:ro]', "show another container's volumes too"),
} as const;
