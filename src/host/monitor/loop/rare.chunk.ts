// What a monitor that only waits never needs: it stays out of the memory that each container costs.

export { jsonLines } from '../log/json-lines.ts';
export { giveMounts } from './give-mounts.ts';
export { HealthChecks } from './health-checks.ts';
export { Restarts } from './restarts.ts';
