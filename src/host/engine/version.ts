import { readText } from '../kernel/files.ts';
import { PLATFORM } from '../kernel/numbers.ts';
import { PROTOCOL_VERSION } from '../monitor/packets.ts';
import { OCI_VERSION } from '../runtime/oci-version.ts';

export const VERSION = '0.1.0';

/** The version of Docker's Engine API whose documents `inspect` and the lists have. */
const API_VERSION = '1.41';

/** In the shape of docker's own answer: client and server are the same program here. */
export function versions(): object {
  const common = {
    Version: VERSION,
    ApiVersion: API_VERSION,
    GitCommit: BUILD_COMMIT,
    Os: 'linux',
    Arch: PLATFORM,
    KernelVersion: readText('/proc/sys/kernel/osrelease').trim(),
  };
  const monitor = { Name: 'monitor', Version: String(PROTOCOL_VERSION), Details: {} };
  const runt = { Name: 'runt', Version: VERSION, Details: { 'OCI runtime specification': OCI_VERSION.most } };
  return {
    Client: { Platform: { Name: 'Corten' }, ...common },
    Server: { Platform: { Name: 'Corten, without a daemon' }, Components: [runt, monitor], ...common },
  };
}
