import { isSysError } from '../../kernel/call.ts';
import { O } from '../../kernel/constants.ts';
import { openAt, readAll, replaceFile } from '../../kernel/files.ts';

/** In a container's directory. */
const HEALTH_FILE = 'health.json';
const LIMIT = 1 << 20;

export type HealthStatus = 'starting' | 'healthy' | 'unhealthy';

/** What checks have shown since the last start. */
export interface Health {
  readonly status: HealthStatus;
  /** In a row. */
  readonly failures: number;
  /** When the container was started that this is about, as its journal has it. */
  readonly of: string;
  /** The last checks, oldest first. */
  readonly log: readonly HealthCheck[];
}

export interface HealthCheck {
  /** RFC 3339. */
  readonly start: string;
  readonly end: string;
  /** 0 for healthy; -1 where the check could not be carried out or took too long. */
  readonly exitCode: number;
  readonly output: string;
}

/** Of an open container's directory; undefined where no check has ended yet since the start at `of`. */
export function readHealth(directory: number, of: string): Health | undefined {
  try {
    using file = openAt(directory, HEALTH_FILE, O.RDONLY | O.NOFOLLOW);
    const content = readAll(file.number, LIMIT);
    const health = JSON.parse(utf8(content, 0, content.length)) as Health;
    return health.of === of ? health : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isSysError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

export function writeHealth(path: string, health: Health): void {
  replaceFile(`${path}/${HEALTH_FILE}`, JSON.stringify(health));
}
