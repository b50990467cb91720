import type { DeviceRule } from '../../../pure/spec/runtime.ts';
import { attachDeviceProgram, loadDeviceProgram } from '../../kernel/bpf.ts';
import type { Fd } from '../../kernel/files.ts';
import { named } from '../errors.ts';
import { deviceProgram } from './device-program.ts';

const NAME = 'runt_devices';

/** Lets the cgroup and all below it use the devices of the rules only; the program lives as long as the cgroup. */
export function limitDevices(directory: Fd, rules: readonly DeviceRule[]): void {
  const hint = (errno: number): string | undefined =>
    errno === 1 ? 'filtering devices on cgroup v2 needs CAP_BPF or CAP_SYS_ADMIN on the host' : undefined;
  named(
    'Set linux.resources.devices by a BPF program',
    () => {
      using program = loadDeviceProgram(deviceProgram(rules), NAME);
      attachDeviceProgram(directory.number, program.number);
    },
    hint,
  );
}
