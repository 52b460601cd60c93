import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BookcastError } from '../core/index.ts';
import { BUNDLE_FILE, type BundleFacts, readBundle, readFacts } from '../forecast/index.ts';
import { nearest } from '../models/training.ts';

/** Where the bundles of a user lie, one folder each. */
export const DEFAULT_SHELF = '.bookcast/models';
/** The bundle that comes with the package. */
export const SHIPPED = 'default';
/** The name of the bundle that is served where none is named. */
const PROMOTED_FILE = 'promoted.json';

/** Beside `src` in a checkout, beside `dist` in a package. */
const PACKAGED = fileURLToPath(new URL('../../models', import.meta.url));

/** A bundle by its place; its facts alone are read. */
export interface ShelvedBundle {
  /** The folder's name, which is how it is asked for. */
  readonly name: string;
  readonly folder: string;
  readonly shipped: boolean;
  readonly promoted: boolean;
  readonly facts: BundleFacts;
}

/** What `list` finds. */
export interface ShelfContent {
  readonly bundles: readonly ShelvedBundle[];
  /** Folders with a bundle that cannot be read, and why. */
  readonly damaged: readonly { readonly name: string; readonly why: string }[];
}

/** A folder of bundles, and behind it the one that comes with the package. */
export class BundleShelf {
  readonly folder: string;
  readonly #packaged: string;

  /** `packaged` is another folder of bundles that are there for all. */
  constructor(folder: string = DEFAULT_SHELF, packaged: string = PACKAGED) {
    this.folder = folder;
    this.#packaged = packaged;
  }

  /** Says which bundle was promoted; may not be there. */
  get promotedFile(): string {
    return join(this.folder, PROMOTED_FILE);
  }

  /** The user's own by name, then those of the package. */
  list(): ShelfContent {
    const bundles: ShelvedBundle[] = [];
    const damaged: { name: string; why: string }[] = [];
    for (const name of this.#names()) {
      try {
        bundles.push(this.find(name));
      } catch (error) {
        if (!(error instanceof BookcastError)) throw error;
        damaged.push({ name, why: error.message });
      }
    }
    return { bundles, damaged };
  }

  /** By the name of its folder on the shelf, or the path of a folder anywhere. Throws `not-found`, and what reading it throws. */
  find(asked: string): ShelvedBundle {
    const folder = this.#place(asked);
    const name = basename(folder);
    const shipped = folder === join(this.#packaged, name);
    const served = this.#seek(this.promoted() ?? SHIPPED);
    return { name, folder, shipped, promoted: served === folder, facts: readFacts(folder) };
  }

  /** The name that was promoted; null where none was. Throws `bad-input` where what says so cannot be read. */
  promoted(): string | null {
    const path = this.promotedFile;
    if (!existsSync(path)) return null;
    try {
      const { name } = JSON.parse(readFileSync(path, 'utf8')) as { name?: unknown };
      if (typeof name === 'string' && isName(name)) return name;
    } catch {
      // Told below, as for a file that is JSON of something else.
    }
    throw new BookcastError(
      'bad-input',
      `${path} does not name a bundle; promote one again with "bookcast models promote NAME", or remove the file`,
      { path },
    );
  }

  /** Makes a bundle of the shelf the one that is served where none is named. Throws as `find` and `readBundle`. */
  promote(name: string): ShelvedBundle {
    if (!isName(name)) {
      throw new BookcastError(
        'bad-argument',
        `"${name}" is no name of the shelf: move the bundle's folder into ${this.folder}, then promote it by name`,
        { name },
      );
    }
    const found = this.find(name);
    // Every byte, before anybody is served by it.
    readBundle(found.folder);
    const path = this.promotedFile;
    if (found.shipped) {
      rmSync(path, { force: true });
    } else {
      mkdirSync(this.folder, { recursive: true });
      // Whole or not at all: a server may read it at this moment.
      writeFileSync(`${path}.new`, `${JSON.stringify({ name })}\n`);
      renameSync(`${path}.new`, path);
    }
    return { ...found, promoted: true };
  }

  #names(): string[] {
    const own = bundlesIn(this.folder);
    return [...own, ...bundlesIn(this.#packaged).filter((name) => !own.includes(name))];
  }

  /** Where a bundle of this name lies on the shelf or in the package; null where it does not. */
  #seek(name: string): string | null {
    const places = [this.folder, this.#packaged].map((shelf) => join(shelf, name));
    return places.find((folder) => existsSync(join(folder, BUNDLE_FILE))) ?? null;
  }

  #place(asked: string): string {
    if (!isName(asked)) return asked;
    // A folder of the working directory is asked for as it is called, too.
    const places = [this.#seek(asked), asked];
    const found = places.find((folder) => folder !== null && existsSync(join(folder, BUNDLE_FILE)));
    if (found !== undefined && found !== null) return found;
    const names = this.#names();
    const near = nearest(asked, names);
    throw new BookcastError(
      'not-found',
      `there is no bundle "${asked}"${near === null ? '' : `; did you mean "${near}"?`}; on the shelf ${this.folder}: ${names.join(', ') || 'none'}. Give one of these, or a folder`,
      { name: asked },
    );
  }
}

/** A name and no path. */
function isName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text) && !text.includes('..');
}

function bundlesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => isName(name) && existsSync(join(folder, name, BUNDLE_FILE)))
    .sort();
}
