import type {
  BlockIo,
  BlockThrottle,
  CpuResources,
  DeviceRule,
  MemoryResources,
  Resources,
} from '../../../../pure/spec/runtime.ts';
import { attempt } from '../../../kernel/call.ts';
import { AT, S } from '../../../kernel/constants.ts';
import { readTextIfThere } from '../../../kernel/files.ts';
import { statusAt } from '../../../kernel/stat.ts';
import { engineError } from '../../errors.ts';
import type { BlkioDevice, Limits } from '../../run-request.ts';
import { numbersOf } from './devices.ts';

/** Adds to what the common limits ask for. */
export function withMoreLimits(resources: Resources, limits: Limits): Resources {
  const blockIO = blockIoOf(limits);
  return {
    ...resources,
    memory: { ...resources.memory, ...memoryOf(limits) },
    cpu: { ...resources.cpu, ...cpuOf(limits) },
    devices: [...resources.devices, ...(limits.deviceRules ?? []).map(ruleOf)],
    ...(blockIO === undefined ? {} : { blockIO }),
  };
}

function memoryOf(limits: Limits): MemoryResources {
  const { memoryReservation, memorySwap, memorySwappiness, isOomKillDisabled } = limits;
  return {
    ...(memoryReservation === undefined ? {} : { reservation: memoryReservation }),
    ...(memorySwap === undefined ? {} : { swap: memorySwap }),
    ...(memorySwappiness === undefined ? {} : { swappiness: memorySwappiness }),
    ...(isOomKillDisabled === undefined ? {} : { disableOOMKiller: isOomKillDisabled }),
  };
}

function cpuOf(limits: Limits): CpuResources {
  const { cpuShares, cpuPeriod, cpuQuota, cpuRtPeriod, cpuRtRuntime, cpusetCpus, cpusetMems } = limits;
  return {
    ...(cpuShares === undefined ? {} : { shares: cpuShares }),
    ...(cpuPeriod === undefined ? {} : { period: cpuPeriod }),
    ...(cpuQuota === undefined ? {} : { quota: cpuQuota }),
    ...(cpuRtPeriod === undefined ? {} : { realtimePeriod: cpuRtPeriod }),
    ...(cpuRtRuntime === undefined ? {} : { realtimeRuntime: cpuRtRuntime }),
    ...(cpusetCpus === undefined ? {} : { cpus: cpusetCpus }),
    ...(cpusetMems === undefined ? {} : { mems: cpusetMems }),
  };
}

function blockIoOf({ blkioWeight, blkioDevices = [] }: Limits): BlockIo | undefined {
  if (blkioWeight === undefined && blkioDevices.length === 0) return undefined;
  const of = (kind: BlkioDevice['kind']): readonly BlockThrottle[] =>
    blkioDevices
      .filter((one) => one.kind === kind)
      .map(({ path, value }) => ({ ...blockDevice(path), rate: value }));
  return {
    ...(blkioWeight === undefined ? {} : { weight: blkioWeight }),
    weightDevice: of('weight')
      .filter(hasWeights)
      .map(({ major, minor, rate }) => ({ major, minor, weight: Number(rate) })),
    throttleReadBpsDevice: of('read-bps'),
    throttleWriteBpsDevice: of('write-bps'),
    throttleReadIOPSDevice: of('read-iops'),
    throttleWriteIOPSDevice: of('write-iops'),
  };
}

/** Whether its scheduler has weights, or io.cost does: else they are passed over, as Docker does it. */
function hasWeights({ major, minor }: BlockThrottle): boolean {
  if (attempt('access', '/sys/fs/cgroup/io.cost.qos', 0) === 0) return true;
  const device = `/sys/dev/block/${major}:${minor}`;
  const scheduler =
    readTextIfThere(`${device}/queue/scheduler`) ?? readTextIfThere(`${device}/../queue/scheduler`);
  return /\[(?:bfq|cfq)\]/.test(scheduler ?? '');
}

function blockDevice(path: string): { readonly major: number; readonly minor: number } {
  const status = statusAt(AT.FDCWD, path);
  if (status !== undefined && (status.mode & S.IFMT) === S.IFBLK) return numbersOf(status.rdev);
  throw engineError('ENGINE_DEVICE_MISSING', `The device ${path} is no block device of the host`);
}

/** `c 10:* rwm` */
function ruleOf(text: string): DeviceRule {
  const [type = 'a', numbers = '*:*', access = 'rwm'] = text.split(' ');
  const [major = '*', minor = '*'] = numbers.split(':');
  return {
    allow: true,
    type: type as DeviceRule['type'],
    ...(major === '*' ? {} : { major: Number(major) }),
    ...(minor === '*' ? {} : { minor: Number(minor) }),
    access,
  };
}
