import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** A file that rows were computed from, by what it holds. */
export interface SourceFile {
  /** Within the folder that was named, or its own name: where it lay is nobody else's business. */
  readonly name: string;
  readonly sha256: string;
}

/** Every file of these paths; of a folder, all below it, in the order of the alphabet. */
export async function sourceFiles(paths: readonly string[]): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = [];
  for (const path of paths) {
    if (statSync(path).isFile()) {
      files.push({ name: basename(path), sha256: await sha256(path) });
      continue;
    }
    const below = readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    for (const file of below) {
      const name = join(basename(path), relative(path, file)).replaceAll('\\', '/');
      files.push({ name, sha256: await sha256(file) });
    }
  }
  return files;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
