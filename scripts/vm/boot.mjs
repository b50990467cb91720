import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inCheckout, SetupProblem } from '../setup/checkout.mjs';
import { initramfs } from './initramfs.mjs';

const VIRTIOFSD = ['/usr/lib/qemu/virtiofsd', '/usr/libexec/virtiofsd'];

/**
 * Boots a VM that runs one command and ends with it. `options`: kernel (of kernelNamed()), accelerator ('tcg' or
 * 'kvm'), script (a shell's text), cgroups, memory (MiB), processors, disk (GiB), limit (seconds), terminal
 * (`{ rows, columns }` or undefined), stdio for spawn(). The command's exit code, or 125 for the VM's own failure.
 */
export async function boot(options) {
  const virtiofsd = VIRTIOFSD.find((path) => existsSync(path));
  if (virtiofsd === undefined) throw new SetupProblem(`There is no virtiofsd at ${VIRTIOFSD.join(' or ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'corten-vm-'));
  try {
    mkdirSync(join(folder, 'run'));
    writeFileSync(join(folder, 'initramfs'), initramfs(options.kernel, options.script));
    const shell = ['sh', inCheckout('scripts', 'vm', 'host.sh'), folder, virtiofsd];
    return await runFor(options, [...NAMESPACES, ...shell, ...qemuCommand(folder, options)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const NAMESPACES = ['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];

function qemuCommand(folder, { accelerator, kernel, cgroups, memory, processors, disk, terminal }) {
  const settings = [`vm.cgroups=${cgroups}`, `vm.modules=${kernel.modules}`];
  if (terminal !== undefined) settings.push(`vm.rows=${terminal.rows}`, `vm.columns=${terminal.columns}`);
  const options = [
    ['qemu-system-x86_64', '-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
    ['-M', 'q35,memory-backend=memory', '-smp', String(processors), '-m', `${memory}M`],
    ['-object', `memory-backend-memfd,id=memory,size=${memory}M,share=on`],
    accelerator === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg', '-cpu', 'max'],
    ['-kernel', kernel.image, '-initrd', join(folder, 'initramfs')],
    ['-append', `console=ttyS0 quiet panic=-1 ${settings.join(' ')} `],
    ['-chardev', 'file,id=kernel,path=kernel.log', '-serial', 'chardev:kernel'],
    ['-chardev', 'socket,id=fs,path=fs.sock', '-device', 'vhost-user-fs-pci,chardev=fs,tag=host'],
    ['-drive', `driver=raw,file.driver=null-co,file.size=${disk}G,file.read-zeroes=on,if=virtio,snapshot=on`],
    ['-device', 'virtio-serial-pci'],
    terminal === undefined ? [...port('in', 'stdio'), ...filePort('out'), ...filePort('err')] : CONSOLE,
    filePort('status'),
  ];
  return options.flat();
}

const CONSOLE = ['-chardev', 'stdio,id=console,signal=off', '-device', 'virtconsole,chardev=console'];

function filePort(name) {
  return port(name, 'file', `,path=${name}`);
}

function port(name, kind, rest = '') {
  const device = `virtserialport,chardev=${name},name=vm.${name}`;
  return ['-chardev', `${kind},id=${name}${rest}`, '-device', device];
}

async function runFor({ limit, stdio, terminal }, [program, ...args]) {
  const child = spawn(program, args, { stdio, detached: false });
  const end = (why) => () => {
    if (why !== '') console.error(`vm: ${why}`);
    child.kill('SIGKILL');
  };
  const timer = setTimeout(end(`ended after ${limit} s, the limit (--limit)`), limit * 1000);
  const signals = terminal === undefined ? ['SIGINT', 'SIGTERM', 'SIGHUP'] : ['SIGTERM', 'SIGHUP'];
  const stop = end('');
  for (const signal of signals) process.once(signal, stop);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 125));
  });
  clearTimeout(timer);
  for (const signal of signals) process.removeListener(signal, stop);
  return code;
}
