import { Dice } from './dice.ts';

/** Seconds of each target in `npm test`; `npm run fuzz` gives more. */
const SHORT = 2;

interface Globals {
  readonly environ?: () => readonly string[];
  readonly process?: { readonly env: Readonly<Record<string, string | undefined>> };
}

/** Of either engine: CORTEN_FUZZ_SEED repeats a round that failed, CORTEN_FUZZ_SECONDS says how long to go on. */
function variable(name: string): string | undefined {
  const { environ, process } = globalThis as Globals;
  if (environ === undefined) return process?.env[name];
  const prefix = `${name}=`;
  return environ()
    .find((text) => text.startsWith(prefix))
    ?.slice(prefix.length);
}

export interface Played {
  /** Rounds that said that their input was taken. */
  readonly taken: number;
  readonly rounds: number;
}

/** Plays rounds until the time is over; each has a seed of its own, which a failure names. */
export function fuzz(round: (dice: Dice) => boolean): Played {
  const seeds = new Seeds();
  for (const seed of seeds) {
    try {
      if (round(new Dice(seed))) seeds.taken++;
    } catch (error) {
      throw failureOf(seed, error);
    }
  }
  return seeds;
}

/** As fuzz(), one round after the other. */
export async function fuzzAsync(round: (dice: Dice) => Promise<boolean>): Promise<Played> {
  const seeds = new Seeds();
  for (const seed of seeds) {
    try {
      if (await round(new Dice(seed))) seeds.taken++;
    } catch (error) {
      throw failureOf(seed, error);
    }
  }
  return seeds;
}

class Seeds implements Played {
  taken = 0;
  rounds = 0;

  *[Symbol.iterator](): Generator<number> {
    const given = variable('CORTEN_FUZZ_SEED');
    const first = given === undefined ? Date.now() % 2 ** 31 : Number(given);
    const end = Date.now() + 1000 * Number(variable('CORTEN_FUZZ_SECONDS') ?? SHORT);
    do yield first + this.rounds++;
    while (given === undefined && Date.now() < end);
  }
}

function failureOf(seed: number, error: unknown): Error {
  const text = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error);
  return new Error(`CORTEN_FUZZ_SEED=${seed}: ${text}`, { cause: error });
}
