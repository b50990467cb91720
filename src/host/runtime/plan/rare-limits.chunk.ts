import type {
  BlockIo,
  BlockThrottle,
  BlockWeight,
  RdmaLimit,
  Resources,
} from '../../../pure/spec/runtime.ts';
import { refuseInV2 } from './limits-v2.ts';
import { limit, nonZero, type Limit } from './limits.ts';

type Throttle = Exclude<keyof BlockIo, 'weight' | 'leafWeight' | 'weightDevice'>;

/** blkio-controller.rst, hugetlb.rst, net_cls.rst, net_prio.rst, rdma.rst of Documentation/admin-guide/cgroup-v1. */
export function rareLimitsV1(resources: Resources): readonly (readonly [string, readonly Limit[]])[] {
  const { blockIO, network } = resources;
  return [
    ['blkio', blockIO === undefined ? [] : blockLimitsV1(blockIO)],
    ['hugetlb', hugepageLimits(resources, 'limit_in_bytes')],
    ['net_cls', limit('net_cls.classid', nonZero(network?.classID), 'network.classID')],
    [
      'net_prio',
      (network?.priorities ?? []).flatMap(({ name, priority }, index) =>
        limit('net_prio.ifpriomap', `${name} ${priority}`, `network.priorities[${index}]`),
      ),
    ],
    ['rdma', rdmaLimits(resources)],
  ];
}

/** Documentation/admin-guide/cgroup-v2.rst */
export function rareLimitsV2(resources: Resources): readonly Limit[] {
  const { blockIO, network } = resources;
  if (nonZero(network?.classID) !== undefined) refuseInV2('network.classID');
  if (network !== undefined && network.priorities.length > 0) refuseInV2('network.priorities');
  return [
    ...(blockIO === undefined ? [] : blockLimitsV2(blockIO)),
    ...hugepageLimits(resources, 'max'),
    ...rdmaLimits(resources),
  ];
}

const THROTTLES: readonly (readonly [field: Throttle, v1: string, v2: string])[] = [
  ['throttleReadBpsDevice', 'read_bps_device', 'rbps'],
  ['throttleWriteBpsDevice', 'write_bps_device', 'wbps'],
  ['throttleReadIOPSDevice', 'read_iops_device', 'riops'],
  ['throttleWriteIOPSDevice', 'write_iops_device', 'wiops'],
];

/** The files have the scheduler's name since CFQ went and BFQ stayed (Linux 5.0). */
function blockLimitsV1(block: BlockIo): readonly Limit[] {
  return [
    ...limit('blkio.weight', nonZero(block.weight), 'blockIO.weight').map(orBfq),
    ...limit('blkio.leaf_weight', nonZero(block.leafWeight), 'blockIO.leafWeight'),
    ...block.weightDevice.flatMap((device, index) => [
      ...deviceWeight('blkio.weight_device', device, index).map(orBfq),
      ...limit(
        'blkio.leaf_weight_device',
        device.leafWeight === undefined ? undefined : `${device.major}:${device.minor} ${device.leafWeight}`,
        `blockIO.weightDevice[${index}].leafWeight`,
      ),
    ]),
    ...throttles(block, ({ major, minor, rate }, [, file]) => ({
      file: `blkio.throttle.${file}`,
      value: `${major}:${minor} ${rate}`,
    })),
  ];
}

function orBfq(one: Limit): Limit {
  return { ...one, orElse: { ...one, file: one.file.replace('blkio.', 'blkio.bfq.') } };
}

/** The weight of BFQ where that scheduler is there, else of io.cost, whose scale goes from 1 to 10000. */
function blockLimitsV2(block: BlockIo): readonly Limit[] {
  if (nonZero(block.leafWeight) !== undefined) refuseInV2('blockIO.leafWeight');
  if (block.weightDevice.some(({ leafWeight }) => nonZero(leafWeight) !== undefined))
    refuseInV2('blockIO.weightDevice.leafWeight');
  return [
    ...limit('io.bfq.weight', nonZero(block.weight), 'blockIO.weight').map((one): Limit => ({
      ...one,
      orElse: { ...one, file: 'io.weight', value: `default ${toIoWeight(block.weight ?? 0)}` },
    })),
    ...block.weightDevice.flatMap((device, index) =>
      deviceWeight('io.bfq.weight', device, index).map((one): Limit => ({
        ...one,
        orElse: {
          ...one,
          file: 'io.weight',
          value: `${device.major}:${device.minor} ${toIoWeight(device.weight ?? 0)}`,
        },
      })),
    ),
    ...throttles(block, ({ major, minor, rate }, [, , key]) => ({
      file: 'io.max',
      value: `${major}:${minor} ${key}=${nonZero(rate) ?? 'max'}`,
    })),
  ];
}

/** As runc and crun scale it: 10 is 1 and 1000 is 10000. */
function toIoWeight(weight: number): number {
  return 1 + Math.trunc(((Math.max(weight, 10) - 10) * 9999) / 990);
}

function deviceWeight(file: string, { major, minor, weight }: BlockWeight, index: number): readonly Limit[] {
  const value = nonZero(weight) === undefined ? undefined : `${major}:${minor} ${weight}`;
  return limit(file, value, `blockIO.weightDevice[${index}].weight`);
}

function throttles(
  block: BlockIo,
  write: (
    throttle: BlockThrottle,
    names: (typeof THROTTLES)[number],
  ) => { readonly file: string; readonly value: string },
): readonly Limit[] {
  return THROTTLES.flatMap((names) =>
    block[names[0]].flatMap((throttle, index) => {
      const { file, value } = write(throttle, names);
      return limit(file, value, `blockIO.${names[0]}[${index}]`);
    }),
  );
}

/** What is in use is limited, and since Linux 5.7 what is reserved too. */
function hugepageLimits({ hugepageLimits: limits = [] }: Resources, suffix: string): readonly Limit[] {
  return limits.flatMap(({ pageSize, limit: most }, index) => {
    const field = `hugepageLimits[${index}]`;
    const reserved = limit(`hugetlb.${pageSize}.rsvd.${suffix}`, most, field);
    return [
      ...limit(`hugetlb.${pageSize}.${suffix}`, most, field),
      ...reserved.map((one): Limit => ({ ...one, orElse: 'nothing' })),
    ];
  });
}

function rdmaLimits({ rdma = [] }: Resources): readonly Limit[] {
  return rdma.flatMap((one) => limit('rdma.max', rdmaText(one), `rdma.${one.device}`));
}

function rdmaText({ device, hcaHandles, hcaObjects }: RdmaLimit): string {
  const handles = hcaHandles === undefined ? '' : ` hca_handle=${hcaHandles}`;
  const objects = hcaObjects === undefined ? '' : ` hca_object=${hcaObjects}`;
  return `${device}${handles}${objects}`;
}
