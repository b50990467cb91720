import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { inCheckout } from '../setup/checkout.mjs';
import { boot } from './boot.mjs';

const RECORD = inCheckout('.tools', 'vm', 'accelerator.json');
const PROBE_SECONDS = 10;

/**
 * 'kvm' where a VM of that kernel comes to its end with it in time, else 'tcg'. A device node proves nothing: inside
 * another VM /dev/kvm may be there and hang. Probed once after each start of the machine.
 */
export async function accelerator(kernel, settings) {
  const machine = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const known = readRecord();
  if (known.machine === machine) return known.accelerator;
  const found = existsSync('/dev/kvm') && (await works(kernel, settings)) ? 'kvm' : 'tcg';
  writeFileSync(RECORD, JSON.stringify({ machine, accelerator: found }));
  return found;
}

async function works(kernel, settings) {
  const probe = {
    kernel,
    accelerator: 'kvm',
    script: 'exit 42',
    limit: PROBE_SECONDS,
    stdio: 'ignore',
    isQuiet: true,
  };
  return (await boot({ ...settings, ...probe })) === 42;
}

function readRecord() {
  if (!existsSync(RECORD)) return {};
  return JSON.parse(readFileSync(RECORD, 'utf8'));
}
