// What lines of a file of state must look like: what a damaged disk or a hand has left of one may be JSON and no record,
// and then it counts as none.

import { fits, type Shape } from '../../../pure/base/shape.ts';
import type { FilterRecord } from '../seccomp/filter.ts';
import type { ContainerRecord, InitRecord } from './records.ts';

const HOOK: Shape = [{ path: '', args: [''], 'env?': [''], 'timeout?': 0 }];
const RECORD: Shape = {
  version: 1,
  ociVersion: '',
  id: '',
  bundle: '',
  rootfs: '',
  created: '',
  annotations: {},
  cgroups: [''],
  'unified?': '',
  isMapped: true,
  isFiltered: true,
  'hasTime?': true,
  'personality?': 0,
  'hooks?': {
    prestart: HOOK,
    createRuntime: HOOK,
    createContainer: HOOK,
    startContainer: HOOK,
    poststart: HOOK,
    poststop: HOOK,
  },
  process: {
    terminal: true,
    'consoleSize?': { height: 0, width: 0 },
    user: { uid: 0, gid: 0, 'umask?': 0, additionalGids: [0] },
    args: [''],
    env: [''],
    cwd: '',
    capabilities: { bounding: [''], effective: [''], inheritable: [''], permitted: [''], ambient: [''] },
    rlimits: [{ type: '', soft: '', hard: '' }],
    noNewPrivileges: true,
    'oomScoreAdj?': 0,
    'attributes?': {
      'scheduler?': { policy: 0, flags: 0, nice: 0, priority: 0, runtime: 0, deadline: 0, period: 0 },
      'ioPriority?': { class: 0, priority: 0 },
      'execCPUAffinity?': { 'initial?': [0], 'final?': [0] },
    },
  },
};

export function isRecord(value: unknown): value is ContainerRecord {
  if (!fits(value, RECORD)) return false;
  const { cgroups, process } = value as ContainerRecord;
  const texts = process.rlimits.flatMap(({ soft, hard }) => [String(soft), String(hard)]);
  return cgroups.every((path) => path.startsWith('/')) && texts.every((text) => /^\d+$/.test(text));
}

export function isInit(value: unknown): value is InitRecord {
  if (!fits(value, { pid: 1, startTime: '', 'sharesCgroup?': true })) return false;
  const { pid } = value as InitRecord;
  return Number.isInteger(pid) && pid > 0 && pid <= MOST_PID;
}

export function isFilter(value: unknown): value is FilterRecord {
  const shape = { program: '', flags: 0, optionalFlags: 0, 'listener?': { path: '', metadata: '' } };
  return fits(value, shape) && BASE64.test((value as FilterRecord).program);
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** include/linux/threads.h: PID_MAX_LIMIT of 64-bit machines. */
const MOST_PID = 1 << 22;
