import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { movedCopy } from './moved-copy.mjs';
import { RESIDENT } from './resident.mjs';

/** native/src/snapshot.rs: MAGIC, MOST, and the structures Entry, Listed and Footer in words of 8 bytes. */
const MAGIC = 0x31_50_41_45_48_54_52_43n;
const ENTRY = { words: 12, reference: 3, stack: 4, size: 6, first: 7 };
const NAME_SIZE = 96;
const MOST_HEAPS = 64;
const PAGE = 4096;
/** Two runs at the same address show nothing: the kernel draws another. */
const TRIES = 8;
const COMPILE = 'runtime/seccomp/seccomp.chunk.js';
const SYSCTL = 'runtime/sysctl/sysctl.chunk.js';
const CONFINE = 'runtime/init/confinement.chunk.js';
const WHOLE = 'runtime/state/whole.chunk.js';
/** Verbs that read a file of state, and are over in a moment. */
const READERS = Object.fromEntries(['start', 'state', 'kill', 'delete', 'ps', 'list'].map((verb) => [verb, [WHOLE]]));
/** Chunks that a verb may ask for, evaluated in its heap. */
const COMPANIONS = new Map([
  ['cli/corten/run.js', ['monitor/container-events.chunk.js', 'engine/network/prepare-network.chunk.js', 'network/network.chunk.js']],
  ...Object.entries({ run: [COMPILE, CONFINE, SYSCTL], create: [COMPILE, CONFINE, SYSCTL], exec: [CONFINE, WHOLE], ...READERS }).map(
    ([verb, chunks]) => [`cli/runt/${verb}.js`, chunks],
  ),
]);
/** Where a start counts. Others have the heap of their program alone. */
const CORTEN_VERBS = ['run', 'ps', 'exec', 'logs', 'stop', 'kill', 'rm', 'wait', 'inspect', 'images'];

/**
 * The heaps that an executable starts from: of each program, and of its verbs with their modules evaluated. A heap is
 * made twice, and the words that differ are those that point into the executable. `emulator` runs another machine's
 * programs, each always at one address.
 */
export function makeHeaps(executable, sources, emulator) {
  const maker = join(executable, '../corten-heap');
  rmSync(maker, { force: true });
  symlinkSync(basename(executable), maker);
  const makers =
    emulator === undefined ? [[maker], [maker]] : [[emulator, maker], [emulator, movedCopy(executable, basename(maker))]];
  try {
    return namesOf(sources).map((words) => nameHeap(words.join(' '), makeHeap(makers, [...words, ...companionsOf(words)])));
  } finally {
    rmSync(maker);
  }
}

/** Of a program that stays no page is taken before it is needed. */
function nameHeap(name, heap) {
  const isResident = RESIDENT.some((program) => name === `${program}.js`);
  if (isResident) heap.entry[ENTRY.first] = 0n;
  return { name, isResident, ...heap };
}

function namesOf(sources) {
  const runt = readdirSync(join(sources, 'cli/runt')).filter((name) => name.endsWith('.js'));
  const verbs = [...runt.map((name) => ['runt', name]), ...CORTEN_VERBS.map((verb) => ['corten', `${verb}.js`])];
  return [
    ['main/runt.js'],
    ['main/corten.js'],
    ...RESIDENT.map((program) => [`${program}.js`]),
    ...verbs.map(([program, name]) => [`main/${program}.js`, `cli/${program}/${name}`]),
  ];
}

function companionsOf(words) {
  return words.flatMap((word) => COMPANIONS.get(word) ?? []);
}

function makeHeap([here, elsewhere], words) {
  const make = ([program, ...args]) => execFileSync(program, args, { maxBuffer: 64 << 20 });
  const first = make([...here, ...words]);
  for (let tries = 0; tries < TRIES; tries++) {
    const heap = compare(toWords(first), toWords(make([...elsewhere, ...words])));
    if (heap !== undefined) return heap;
  }
  throw new Error(`The heap ${words.join(' ')} can't be made: the kernel gives every process the same addresses`);
}

function toWords(bytes) {
  return new BigUint64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~7)));
}

/** The entry, the heap and the numbers of its words that move with the executable; undefined where nothing moved. */
function compare(first, second) {
  const difference = BigInt.asUintN(64, second[ENTRY.reference] - first[ENTRY.reference]);
  if (difference === 0n) return undefined;
  const heap = first.slice(ENTRY.words);
  const moved = [];
  for (let at = 0; at < heap.length; at++) {
    const [one, other] = [heap[at], second[at + ENTRY.words]];
    if (one === other) continue;
    if (BigInt.asUintN(64, other - one) === difference) moved.push(at);
    else heap[at] = withoutNoise(one, other, { first, second, at });
  }
  return { entry: first.slice(0, ENTRY.words), heap: bytesOf(heap), moved: Uint32Array.from(moved) };
}

/**
 * Addresses of the stack, which are set anew at a start, and what lay in the unused part of a value of 32 or 16 bits:
 * the rest of an address that was there before. A whole one would have moved with the executable.
 */
function withoutNoise(one, other, { first, second, at }) {
  const isStack = (word, run) => word >= run[ENTRY.stack] && word < run[ENTRY.stack + 1];
  if (isStack(one, first) && isStack(other, second)) return 0n;
  for (const bits of [32, 16]) {
    if (BigInt.asUintN(bits, one) === BigInt.asUintN(bits, other)) return BigInt.asUintN(bits, one);
  }
  throw new Error(`Word ${at} of a heap is ${one.toString(16)} in one run and ${other.toString(16)} in another`);
}

/** Appends heaps to an executable; where in it each lies. */
export function appendHeaps(executable, heaps) {
  if (heaps.length > MOST_HEAPS) throw new Error(`${heaps.length} heaps are more than the host looks for`);
  let end = statSync(executable).size;
  const write = (bytes, alignment) => {
    const gap = -end & (alignment - 1);
    appendFileSync(executable, Buffer.concat([Buffer.alloc(gap), bytes]));
    const place = end + gap;
    end = place + bytes.length;
    return BigInt(place);
  };
  const list = heaps.map(({ name, entry, heap, moved }) => {
    const places = [write(bytesOf(heap), PAGE), write(bytesOf(moved), 8), BigInt(moved.length)];
    const label = Buffer.alloc(NAME_SIZE);
    if (label.write(name) === NAME_SIZE) throw new Error(`The name ${name} is too long`);
    return { place: Number(places[0]), row: Buffer.concat([label, bytesOf(entry), bytesOf(BigUint64Array.from(places))]) };
  });
  const place = write(Buffer.concat(list.map(({ row }) => row)), 8);
  write(bytesOf(BigUint64Array.from([MAGIC, place, BigInt(list.length)])), 8);
  return list.map(({ place: at }) => at);
}

function bytesOf(array) {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}
