// What a loader that an archive has taken over could try: prints what came of each as JSON.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';

const store = process.env.CORTEN_STORE;

function outcome(attempt) {
  try {
    return attempt() ?? 'done';
  } catch (error) {
    return error.code;
  }
}

function execute(program) {
  const { error } = spawnSync(program, ['--version']);
  return error === undefined ? 'done' : error.code;
}

const connected = await new Promise((resolve) => {
  const socket = connect(1, '127.0.0.1', () => resolve('done'));
  socket.on('error', (error) => resolve(error.code));
});

writeFileSync(`${store}/made`, 'in the store');
const status = readFileSync('/proc/self/status', 'utf8');
const field = (name) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1];
const result = {
  arguments: process.argv.slice(2),
  environment: process.env,
  input: readFileSync(0, 'utf8'),
  shadow: outcome(() => readFileSync('/etc/shadow').length),
  root: outcome(() => readdirSync('/').length),
  home: outcome(() => readdirSync('/root').length),
  tmp: outcome(() => writeFileSync('/tmp/corten-left', '')),
  self: outcome(() => writeFileSync(process.argv[1], '')),
  parent: outcome(() => process.kill(process.ppid, 0) && 'done'),
  otherEnvironment: outcome(() => readFileSync(`/proc/${process.ppid}/environ`).length),
  containers: outcome(() => readdirSync(`${store}/containers`).join(' ')),
  container: outcome(() => writeFileSync(`${store}/containers/made`, '')),
  program: execute('/bin/busybox'),
  connected,
  capabilities: ['CapEff', 'CapPrm', 'CapBnd', 'CapInh'].map(field),
  noNewPrivileges: field('NoNewPrivs'),
  isLeft: existsSync('/tmp/corten-left'),
  mode: (statSync(`${store}/made`).mode & 0o777).toString(8),
};
console.log(JSON.stringify(result));
process.exitCode = 5;
