import type { Linux, Spec } from '../../../pure/spec/runtime.ts';

/** What all of them take: nothing that came later is in what we write. */
const OCI_VERSION = '1.0.2';

/** A spec as config.json has it (config.md of the OCI runtime specification), for runtimes that read one. */
export function ociDocument(spec: Spec): object {
  const { linux, process, ociVersion: _newer, ...rest } = spec;
  const { attributes: _rare, ...plain } = process;
  return { ociVersion: OCI_VERSION, ...rest, process: plain, linux: linuxDocument(linux) };
}

function linuxDocument({ sysctls, personality: _fixed, resources, ...rest }: Linux): object {
  const { uidMappings, gidMappings, ...others } = rest;
  const { unified, ...limits } = resources;
  return {
    ...others,
    ...(uidMappings.length === 0 ? {} : { uidMappings, gidMappings }),
    ...(sysctls === undefined
      ? {}
      : { sysctl: fromEntries(sysctls.map(({ name, value }) => [name, value])) }),
    resources: { ...limits, ...(unified === undefined ? {} : { unified: fromEntries(unified) }) },
  };
}

/** Keys of strangers. */
function fromEntries(entries: readonly (readonly [string, string])[]): object {
  return Object.assign(Object.create(null) as object, Object.fromEntries(entries));
}
