import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { BookcastError, shown } from '../../core/index.ts';
import {
  BUNDLE_FORMAT,
  type BundledFile,
  type BundleFacts,
  BundleSchema,
  bundledFiles,
  bundleVersion,
  MOST_BUNDLE_BYTES,
} from './bundle-schema.ts';

/** A bundle that was read and checked, and of which nothing is loaded yet. */
export interface Bundle {
  readonly folder: string;
  readonly facts: BundleFacts;
  /** Bytes of the files that it names, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export const BUNDLE_FILE = 'bundle.json';

/**
 * Reads a bundle and checks every byte of it. `pinned` is its version, or the first eight digits or more of it. Throws `not-found` where there
 * is none; `unsupported-version` for another format; `bad-input` for what is damaged, edited, too large or another version than the pinned one.
 */
export function readBundle(folder: string, pinned: string | null = null): Bundle {
  const facts = readFacts(folder);
  if (pinned !== null && !facts.version.startsWith(pinned)) {
    throw new BookcastError(
      'bad-input',
      `${folder} is version ${facts.version}, and ${pinned} is pinned: bring that bundle back, or pin this one`,
      { path: folder, found: facts.version, expected: pinned },
    );
  }
  const files = new Map<string, Uint8Array>();
  let bytes = 0;
  for (const file of bundledFiles(facts)) {
    const read = readPart(folder, file);
    bytes += read.length;
    files.set(file.file, read);
  }
  if (bytes > MOST_BUNDLE_BYTES) {
    throw new BookcastError(
      'bad-input',
      `the files of the bundle ${folder} have ${bytes} bytes, and it may have ${MOST_BUNDLE_BYTES}: train smaller members`,
      { path: folder, bytes },
    );
  }
  return { folder, facts, files };
}

/** What a bundle says of itself, alone: its files are not looked at. Throws as `readBundle`. */
export function readFacts(folder: string): BundleFacts {
  const path = join(folder, BUNDLE_FILE);
  const json = parse(textOf(folder, path), path);
  const format = (json as { format?: unknown } | null)?.format;
  if (format !== BUNDLE_FORMAT && format !== undefined) {
    throw new BookcastError(
      'unsupported-version',
      `${path} is of format ${shown(format)}, and this bookcast reads format ${BUNDLE_FORMAT}: make the bundle again, or use the bookcast that wrote it`,
      { path, found: format, expected: BUNDLE_FORMAT },
    );
  }
  const facts = checked(json, path);
  const version = bundleVersion(facts);
  if (version !== facts.version) {
    throw new BookcastError(
      'bad-input',
      `${path} was changed after it was written: it says version ${facts.version}, and what it says makes ${version}; bring the bundle back from where it came, or make it again`,
      { path, found: version, expected: facts.version },
    );
  }
  return facts;
}

function textOf(folder: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      throw new BookcastError('bad-input', `cannot read the bundle ${path}: ${message}`, { path, cause });
    }
    const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
    const what = isFolder ? `the folder has no ${BUNDLE_FILE}` : 'there is no such folder';
    throw new BookcastError(
      'not-found',
      `${folder} is no bundle: ${what}; "bookcast evaluate --ship FOLDER" writes one, "bookcast models list" tells those at hand`,
      { path: folder },
    );
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BookcastError('bad-input', `${path} is not JSON (${(cause as Error).message}): make the bundle again`, {
      path,
      cause,
    });
  }
}

function checked(json: unknown, path: string): BundleFacts {
  const key = Value.Check(BundleSchema, json) ? doubled(json) : faultyKey(json);
  if (key === null) return json as BundleFacts;
  const found = (json as Record<string, unknown> | null)?.[key.name];
  const text = found === undefined ? 'is missing' : `is ${shown(found).slice(0, 120)}`;
  throw new BookcastError(
    'bad-input',
    `${path}: ${key.name} ${text}; expected ${key.expected}. Make the bundle again`,
    { path, key: key.name },
  );
}

interface FaultyKey {
  readonly name: string;
  readonly expected: string;
}

function faultyKey(json: unknown): FaultyKey {
  const [first] = Value.Errors(BundleSchema, json);
  const { properties } = BundleSchema as { properties: Record<string, TSchema & { description?: string }> };
  if (typeof json !== 'object' || json === null) return { name: 'it', expected: 'an object' };
  const known = Object.entries(properties).find(([name, schema]) => !Value.Check(schema, json[name as keyof object]));
  if (known !== undefined) return { name: known[0], expected: known[1].description ?? `${first?.message}` };
  const stray = Object.keys(json).find((name) => !(name in properties)) ?? '';
  return { name: stray, expected: `only the keys ${Object.keys(properties).join(', ')}` };
}

/** What the schema of single keys cannot see. */
function doubled({ members }: BundleFacts): FaultyKey | null {
  const names = members.map(({ name }) => name);
  if (new Set(names).size === names.length) return null;
  return { name: 'members', expected: 'another name for each of them' };
}

function readPart(folder: string, { file, sha256 }: BundledFile): Uint8Array {
  const path = join(folder, file);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new BookcastError(
      'bad-input',
      `the bundle ${basename(folder)} names ${file}, and ${path} cannot be read (${(cause as Error).message}): bring the file back, or make the bundle again`,
      { path, cause },
    );
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === sha256) return bytes;
  throw new BookcastError(
    'bad-input',
    `${path} is damaged or another file: its SHA-256 is ${found}, and the bundle names ${sha256}; bring the file back, or make the bundle again`,
    { path, found, expected: sha256 },
  );
}
