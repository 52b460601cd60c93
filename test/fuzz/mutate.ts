import type { Random } from '../../src/core/index.ts';

/** Values at the edge of what a number, a text or a structure may be; each stands for one token of a message. */
const EDGES: readonly (string | ((random: Random) => string))[] = [
  '0',
  '-0',
  '-1',
  '1e400',
  '1e-400',
  '-1e308',
  '0.0000000000000000001',
  '9007199254740991',
  '9007199254740993',
  '2147483647',
  '2147483648',
  '4294967296',
  '18446744073709551616',
  '1.',
  '.1',
  '+1',
  '0x10',
  '1_000',
  '00001',
  'NaN',
  'Infinity',
  'null',
  'true',
  '""',
  '" "',
  '"0"',
  '"-1"',
  '"1e5"',
  '"1E400"',
  '"NaN"',
  '"__proto__"',
  '"\\u0000"',
  '"\\ud800"',
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '{"__proto__":{}}',
  (random) => '9'.repeat(1 + random.below(400)),
  (random) => `"${'9'.repeat(1 + random.below(400))}"`,
  (random) => `0.${'0'.repeat(random.below(400))}1`,
  (random) => `"${'x'.repeat(random.below(2000))}"`,
  (random) => `"${'\\'.repeat(1 + random.below(9))}"`,
];

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/g;
const MEMBER = /"(?:[^"\\]|\\.)*":(?:"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/g;

type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const place = (bytes: Buffer, random: Random): number => random.below(bytes.length + 1);

function cut(bytes: Buffer, from: number, to: number, instead: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, from), instead, bytes.subarray(to)]);
}

/** One match of `what`, anywhere in the text, replaced; the bytes as they are where there is none. Latin-1 keeps every byte. */
function replaceOne(bytes: Buffer, random: Random, what: RegExp, by: (found: string) => string): Buffer {
  const text = bytes.toString('latin1');
  const from = random.below(text.length + 1);
  what.lastIndex = from;
  let match = what.exec(text);
  if (match === null) {
    what.lastIndex = 0;
    match = what.exec(text);
  }
  if (match === null) return bytes;
  return cut(bytes, match.index, match.index + match[0].length, Buffer.from(by(match[0]), 'latin1'));
}

function edge(random: Random): string {
  const chosen = EDGES[random.below(EDGES.length)];
  return typeof chosen === 'string' ? chosen : chosen(random);
}

const flipBit: Mutation = (bytes, random) => {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  copy[random.below(copy.length)] ^= 1 << random.below(8);
  return copy;
};

const setByte: Mutation = (bytes, random) => {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  copy[random.below(copy.length)] = random.below(256);
  return copy;
};

const truncate: Mutation = (bytes, random) => bytes.subarray(0, place(bytes, random));

const dropPart: Mutation = (bytes, random) => {
  const from = place(bytes, random);
  return cut(bytes, from, Math.min(bytes.length, from + 1 + random.below(30)), Buffer.alloc(0));
};

const repeatPart: Mutation = (bytes, random) => {
  const from = place(bytes, random);
  const part = bytes.subarray(from, from + 1 + random.below(60));
  return cut(bytes, from, from, Buffer.concat(Array.from({ length: 1 + random.below(20) }, () => part)));
};

const splice: Mutation = (bytes, random, other) =>
  cut(bytes, place(bytes, random), bytes.length, other.subarray(place(other, random)));

const insertOther: Mutation = (bytes, random, other) => {
  const at = place(bytes, random);
  const from = place(other, random);
  return cut(bytes, at, at, other.subarray(from, from + 1 + random.below(200)));
};

const badUtf8: Mutation = (bytes, random) => {
  const at = place(bytes, random);
  const bad = [[0xff], [0xc0, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80], [0x00]];
  return cut(bytes, at, at, Buffer.from(bad[random.below(bad.length)]));
};

const nest: Mutation = (bytes, random) => {
  const depth = 1 << random.below(15);
  const [open, close] = random.bernoulli(0.5) ? ['[', ']'] : ['{"a":', '}'];
  const closed = random.bernoulli(0.7) ? close.repeat(depth) : '';
  return replaceOne(bytes, random, TOKEN, (found) => `${open.repeat(depth)}${found}${closed}`);
};

const edgeToken: Mutation = (bytes, random) => replaceOne(bytes, random, TOKEN, () => edge(random));

/** Keeps the quotes: what should be a decimal in a text stays a text. */
const edgeInText: Mutation = (bytes, random) =>
  replaceOne(bytes, random, /"-?\d[\d.eE+-]*"/g, () => `"${edge(random).replaceAll('"', '')}"`);

const changeDigit: Mutation = (bytes, random) => replaceOne(bytes, random, /\d/g, () => String(random.below(10)));

const moreDigits: Mutation = (bytes, random) =>
  replaceOne(bytes, random, /\d+/g, (found) => found + '0123456789'.repeat(3).slice(0, 1 + random.below(25)));

const doubleMember: Mutation = (bytes, random) =>
  replaceOne(bytes, random, MEMBER, (found) => {
    const name = found.slice(0, found.indexOf('":') + 2);
    return random.bernoulli(0.5) ? `${found},${found}` : `${found},${name}${edge(random)}`;
  });

const loseMember: Mutation = (bytes, random) => replaceOne(bytes, random, MEMBER, () => '"lost":0');

const space: Mutation = (bytes, random) =>
  replaceOne(bytes, random, /[,:[\]{}]/g, (found) => ` ${found}${random.bernoulli(0.5) ? '\t' : '\r\n'}`);

/** Counts and lengths of binary headers. */
const setWord: Mutation = (bytes, random) => {
  if (bytes.length < 4) return bytes;
  const copy = Buffer.from(bytes);
  const words = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff8, random.uint32(), copy.length];
  copy.writeUInt32LE(words[random.below(words.length)] >>> 0, 4 * random.below(Math.floor(copy.length / 4)));
  return copy;
};

const GENERAL: readonly Mutation[] = [
  flipBit,
  setByte,
  truncate,
  dropPart,
  repeatPart,
  splice,
  insertOther,
  badUtf8,
  setWord,
];
const TEXTUAL: readonly Mutation[] = [
  edgeToken,
  edgeToken,
  edgeInText,
  edgeInText,
  nest,
  changeDigit,
  moreDigits,
  doubleMember,
  loseMember,
  space,
];

/**
 * One of `seeds` with one to four mutations: damage of bytes, and, for text, what only who knows the grammar thinks of
 * (edges of numbers, doubled and lost members, deep nesting).
 */
export function mutate(seeds: readonly Buffer[], random: Random, textual = true): Buffer {
  let bytes = seeds[random.below(seeds.length)];
  const mutations = textual ? [...GENERAL, ...TEXTUAL] : GENERAL;
  for (let n = 1 + random.geometric(0.6); n > 0; n--) {
    const other = seeds[random.below(seeds.length)];
    bytes = mutations[random.below(mutations.length)](bytes, random, other);
    // Growth on growth would test patience alone.
    if (bytes.length > 262_144) bytes = bytes.subarray(0, 262_144);
  }
  return bytes;
}
