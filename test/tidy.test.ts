import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The house's rules (docs/architecture.md), checked by machine. Sources are formatted by Biome, so that indentation tells
 * where a function ends.
 */
const ROOT = resolve(import.meta.dirname, '..');

/** A room imports only from lower floors; rooms of one floor never see each other. */
const FLOORS: Record<string, number> = {
  core: 0,
  wasm: 0,
  market: 1,
  files: 1,
  figure: 1,
  nn: 1,
  feed: 2,
  venues: 3,
  tape: 2,
  features: 2,
  store: 2,
  models: 3,
  forecast: 4,
  backtest: 5,
  evaluate: 6,
  api: 7,
  report: 7,
  cli: 9,
};
const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 70;

/** What may stand in one home only: source files elsewhere take it as an argument. */
const HOMES: { what: RegExp; homes: string[] }[] = [
  { what: /\bDate\.now\b|\bprocess\.hrtime\b|\bperformance\.now\b/, homes: ['src/core/time.ts'] },
  { what: /\bMath\.random\b/, homes: [] },
  { what: /\bprocess\.(env|argv|exit|stdout|stderr)\b/, homes: ['src/cli/io.ts'] },
  { what: /\bconsole\./, homes: [] },
];

function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.includes('node_modules'))
    .sort();
}

const text = new Map<string, string>();
for (const folder of ['src', 'test', 'bench', 'web']) {
  for (const path of filesUnder(folder)) text.set(path, readFileSync(join(ROOT, path), 'utf8'));
}
const sources = [...text.keys()].filter((path) => path.startsWith('src/'));

function code(path: string): string {
  return text
    .get(path)!
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, '$1');
}

/** `src/market/x.ts` → `market`; `src/venues/sim/x.ts` → `venues/sim`. */
function roomOf(path: string): string {
  const [, room, sub] = path.split('/');
  return room === 'venues' ? `venues/${sub}` : room;
}

function importsOf(path: string): string[] {
  const found = [...code(path).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1]);
  return found.map((specifier) => posix.normalize(posix.join(dirname(path), specifier)));
}

/** `api/contract.ts` and `api/client.ts` are doors of their own: the browser must not load the server. */
const EXTRA_DOORS = ['src/api/contract.ts', 'src/api/client.ts'];

/** Training doors: code that may look ahead. Only `evaluate` and `cli` open one, so that it cannot reach serving. */
const TRAINING_DOORS = ['src/features/fitting.ts', 'src/models/training.ts', 'src/forecast/fitting.ts'];
const TRAINERS = ['evaluate', 'cli'];

describe('rooms', () => {
  it('imports only from lower floors, and only through the door', () => {
    const wrong: string[] = [];
    for (const path of sources) {
      const room = roomOf(path);
      for (const target of importsOf(path)) {
        const other = roomOf(target);
        if (other === room) continue;
        const floor = FLOORS[room.split('/')[0]];
        const otherFloor = FLOORS[other.split('/')[0]];
        if (floor === undefined || otherFloor === undefined)
          wrong.push(`${path}: no floor is stated for ${room} or ${other}`);
        else if (otherFloor >= floor) wrong.push(`${path} (floor ${floor}) imports ${target} (floor ${otherFloor})`);
        else if (TRAINING_DOORS.includes(target) && TRAINERS.includes(room)) continue;
        else if (target !== `src/${other}/index.ts`) wrong.push(`${path} imports ${target}, not through the door`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('gives the page the wire, the client and core alone', () => {
    const wrong: string[] = [];
    for (const path of [...text.keys()].filter((name) => name.startsWith('web/'))) {
      for (const target of importsOf(path)) {
        if (!target.startsWith('src/')) continue;
        if (![...EXTRA_DOORS, 'src/core/index.ts'].includes(target)) wrong.push(`${path} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('sizes', () => {
  it(`keeps files to ${MAX_FILE_LINES} lines`, () => {
    const long = [...text]
      .map(([path, body]) => [path, body.split('\n').length - 1] as const)
      .filter(([, n]) => n > MAX_FILE_LINES);
    expect(long).toEqual([]);
  });

  it(`keeps functions to ${MAX_FUNCTION_LINES} lines`, () => {
    const long: string[] = [];
    for (const path of sources) {
      const lines = text.get(path)!.split('\n');
      lines.forEach((line, start) => {
        const head =
          /^(\s*)(?!.*[;,]$)(export |async |static |private |get |set |\*)*(function\b|constructor\b|#?\w+\s*(<[^>]*>)?\(|const \w+ = (async )?\()/.exec(
            line,
          );
        if (head === null || /^\s*(if|for|while|switch|return|catch)\b/.test(line)) return;
        const end = lines.findIndex(
          (other, i) => i > start && /^\s*\}[;,)]*$/.test(other) && other.startsWith(`${head[1]}}`),
        );
        if (end - start + 1 > MAX_FUNCTION_LINES) long.push(`${path}:${start + 1}: ${end - start + 1} lines`);
      });
    }
    expect(long).toEqual([]);
  });
});

describe('exports', () => {
  it('are named, and each is used by another file', () => {
    const dead: string[] = [];
    const words = new Map([...text.keys()].map((path) => [path, new Set(code(path).match(/[A-Za-z_$][\w$]*/g) ?? [])]));
    for (const path of sources) {
      expect(code(path), path).not.toMatch(/^export default/m);
      const names = [
        ...code(path).matchAll(/^export (?:declare )?(?:abstract )?(?:async )?(?:const|function\*?|class) (\w+)/gm),
      ];
      for (const [, name] of names) {
        const used = [...words].some(([other, set]) => other !== path && !other.endsWith('/index.ts') && set.has(name));
        if (!used) dead.push(`${path}: ${name}`);
      }
    }
    expect(dead).toEqual([]);
  });
});

describe('homes', () => {
  it.each(HOMES.map((home) => [String(home.what), home] as const))(
    '%s stands in its one home',
    (_, { what, homes }) => {
      const wrong = sources.filter((path) => !homes.includes(path) && what.test(code(path)));
      expect(wrong).toEqual([]);
    },
  );

  it('leaves no work undone in comments', () => {
    const left = sources.filter((path) => /\b(TODO|FIXME|XXX|HACK)\b/.test(text.get(path)!));
    expect(left).toEqual([]);
  });
});
