// Containers for a machine of another kind: what each is made from, the command, and what has to come of it.

const MOUNTS = [
  ['/proc', 'proc', 'proc'],
  ['/dev', 'tmpfs', 'tmpfs', 'nosuid', 'mode=755', 'size=65536k'],
  ['/dev/pts', 'devpts', 'devpts', 'nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
  ['/sys', 'sysfs', 'sysfs', 'nosuid', 'noexec', 'nodev', 'ro'],
  ['/sys/fs/cgroup', 'cgroup', 'cgroup', 'ro'],
];
const RECENT = '424,428,429,430,431,432,434,435,436,437,438,439,442';

/** Each case has a configuration of its own, whose id and cgroup are its number. */
export function cases() {
  return LIST.map(({ name, command, expected, script = 'true', change = () => {} }, index) => {
    const config = baseConfig(`c${index}`);
    config.process.args = ['sh', '-c', script];
    change(config);
    return { name, config, expected, command: command?.(`c${index}`) ?? `runt run c${index}` };
  });
}

function baseConfig(id) {
  return {
    ociVersion: '1.0.2',
    hostname: 'box',
    process: { user: { uid: 0, gid: 0 }, args: [], env: ['PATH=/bin'], cwd: '/' },
    root: { path: 'rootfs' },
    mounts: MOUNTS.map(([destination, type, source, ...options]) => ({ destination, type, source, options })),
    linux: {
      cgroupsPath: `/${id}`,
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup'].map((type) => ({ type })),
    },
  };
}

function refusing(call, errnoRet) {
  const syscalls = [{ names: [call], action: 'SCMP_ACT_ERRNO', errnoRet }];
  return { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'], syscalls };
}

const LIST = [
  {
    name: 'a container runs as process 1 with its own host name',
    script: 'uname -m; hostname; echo $$; cat /proc/1/comm; :',
    expected: 'aarch64\nbox\n1\nsh',
  },
  {
    name: "the program's exit code is passed on",
    script: 'exit 7',
    command: (id) => `runt run ${id}; echo $?`,
    expected: '7',
  },
  {
    name: 'a program that is not there is named',
    change: (config) => (config.process.args = ['nowhere']),
    command: (id) => `runt run ${id} 2>&1 | grep -c "nowhere is not found in PATH"; runt list -q`,
    expected: '1',
  },
  {
    name: 'a start takes its ready heap',
    script: 'sleep 100',
    command: (id) =>
      `runt run ${id} & until runt state ${id} 2>&1 | grep -q running; do sleep 0.1; done; grep -c "^2b679d.*corten" /proc/$!/maps | sed "s/[1-9].*/some/"; runt kill ${id} KILL; wait $!; echo $?`,
    expected: 'some\n137',
  },
  {
    name: 'a read-only root, masked and read-only paths',
    script:
      'touch /x 2>/dev/null || echo refused; cat /proc/cmdline; touch /proc/sys/kernel/hostname 2>/dev/null || echo refused',
    change: (config) => {
      config.root.readonly = true;
      Object.assign(config.linux, { maskedPaths: ['/proc/cmdline'], readonlyPaths: ['/proc/sys'] });
    },
    expected: 'refused\nrefused',
  },
  {
    name: 'a user, its groups, capabilities, limits and no_new_privs',
    script: 'id; grep -E "CapEff|NoNewPrivs" /proc/self/status; ulimit -n',
    change: ({ process }) => {
      process.user = { uid: 1000, gid: 1000, additionalGids: [7] };
      process.capabilities = { bounding: ['CAP_KILL'], permitted: ['CAP_KILL'] };
      process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 77, hard: 77 }];
      process.noNewPrivileges = true;
    },
    expected: 'uid=1000 gid=1000 groups=7\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n77',
  },
  {
    name: 'limits of cgroup v2',
    script: 'cd /sys/fs/cgroup; cat pids.max memory.max cpu.max',
    change: (config) => {
      const [pids, memory, cpu] = [{ limit: 9 }, { limit: 64 << 20 }, { quota: 50000, period: 100000 }];
      config.linux.resources = { pids, memory, cpu };
    },
    expected: '9\n67108864\n50000 100000',
  },
  {
    name: 'a list of devices is a program of the kernel',
    script: 'mknod /dev/z c 1 11; mknod /dev/n c 1 3; cat /dev/n; : </dev/z',
    change: (config) => {
      const rule = { type: 'c', major: 1, access: 'rwm' };
      const devices = [
        { allow: false, access: 'rwm' },
        { ...rule, allow: true, minor: 3 },
        { ...rule, allow: true, minor: 11, access: 'm' },
      ];
      config.linux.resources = { devices };
      config.process.capabilities = {
        bounding: ['CAP_MKNOD'],
        effective: ['CAP_MKNOD'],
        permitted: ['CAP_MKNOD'],
      };
    },
    expected: "sh: can't open /dev/z: Operation not permitted",
  },
  {
    name: 'a seccomp filter refuses a call by its number here',
    script: 'uname; mkdir /tmp/a; echo alive',
    change: (config) => (config.linux.seccomp = refusing('mkdirat', 13)),
    expected: "Linux\nmkdir: can't create directory '/tmp/a': Permission denied\nalive",
  },
  {
    name: "a filter's listener is handed on by a thread of the stub",
    script: 'mkdir /tmp/a',
    change: (config) => {
      const syscalls = [{ names: ['mkdirat'], action: 'SCMP_ACT_NOTIFY' }];
      config.linux.seccomp = { ...refusing('mkdirat', 1), listenerPath: '/run/agent', syscalls };
    },
    command: (id) =>
      `agent /run/agent 34=13 >/tmp/log 2>&1 & sleep 1; runt run ${id}; killall agent; sort -u /tmp/log | grep "^call"`,
    expected: "mkdir: can't create directory '/tmp/a': Permission denied\ncall 34",
  },
  {
    name: 'create, start, exec, pause, resume, kill and delete',
    script: 'sleep 100',
    command: (id) =>
      [
        `runt create ${id} </dev/null >/tmp/out 2>&1; status() { runt state ${id} | sed -n 's/.*"status": "\\(.*\\)".*/\\1/p'; }`,
        `status; runt start ${id}; status; runt exec ${id} sh -c 'echo in; cat /proc/1/comm; ls -l /proc/self/exe | sed "s/.*-> //"'`,
        `runt exec ${id} sh -c 'exit 3'; echo $?; runt pause ${id}; status; runt resume ${id}; status`,
        `runt ps -f json ${id} | tr -d '0-9'; runt kill ${id} KILL; sleep 1; status; runt delete ${id}; runt list -q`,
      ].join('; '),
    expected: 'created\nrunning\nin\nsleep\n/bin/busybox\n3\npaused\nrunning\n[]\nstopped',
  },
  {
    name: 'a user namespace with its own numbers',
    script: 'id -u; cat /proc/self/uid_map | tr -s " "; stat -c %u /bin/busybox',
    change: (config) => {
      const ids = [{ containerID: 0, hostID: 100000, size: 65536 }];
      config.linux.namespaces.push({ type: 'user' });
      Object.assign(config.linux, { uidMappings: ids, gidMappings: ids });
    },
    expected: '0\n 0 100000 65536\n65534',
  },
  {
    name: 'a script that names /proc/self/exe as its interpreter never reaches the runtime',
    script: 'true',
    change: (config) => (config.process.args = ['/tmp/script']),
    command: (id) =>
      `printf '#!/proc/self/exe\\n' >rootfs/tmp/script; chmod 755 rootfs/tmp/script; runt run ${id}; echo $?`,
    expected: '126',
  },
  {
    name: "a link of the image leads a mount nowhere but into the container's root",
    script: 'cat /inside/tmp/here/file; ls /tmp',
    change: (config) =>
      config.mounts.push({
        destination: '/inside/tmp/here',
        source: '/tmp/shared',
        type: 'bind',
        options: ['bind', 'ro'],
      }),
    command: (id) =>
      `mkdir /tmp/shared; echo bound >/tmp/shared/file; ln -s / rootfs/inside; runt run ${id}; rm -r /tmp/shared`,
    expected: 'bound\nhere',
  },
  {
    name: 'sysctl, a time namespace, a hook',
    script: 'cat /proc/sys/net/ipv4/ip_forward; [ "$(cut -d. -f1 /proc/uptime)" -gt 100000 ] && echo later',
    change: (config) => {
      config.linux.sysctl = { 'net.ipv4.ip_forward': '1' };
      config.linux.namespaces.push({ type: 'time' });
      config.linux.timeOffsets = { boottime: { secs: 100000 } };
      config.hooks = { poststop: [{ path: '/bin/sh', args: ['sh', '-c', 'cut -d, -f2 >/tmp/hook'] }] };
    },
    command: (id) => `runt run ${id}; cat /tmp/hook`,
    expected: '1\nlater\n"id":"c14"',
  },
  {
    name: 'older calls in the place of recent ones',
    script: 'hostname; cat /proc/1/comm; touch /x && echo written',
    command: (id) => `degrade 38 ${RECENT} runt run ${id}; degrade 1 ${RECENT} runt run ${id}`,
    expected: 'box\nsh\nwritten\nbox\nsh\nwritten',
  },
];
