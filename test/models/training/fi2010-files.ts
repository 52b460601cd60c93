import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../../src/core/index.ts';

/** A matrix as published: 144 lines of features and 5 of labels, a column an event. */
export interface MadeFile {
  readonly lines: number[][];
  readonly text: string;
}

/** How MATLAB writes a number: eight digits, two or three blanks before. */
export function matlabNumber(value: number): string {
  const [digits, exponent] = value.toExponential(7).split('e');
  const sign = exponent.startsWith('-') ? '-' : '+';
  return `${value < 0 ? '  ' : '   '}${digits}e${sign}${exponent.replace(/^[-+]/, '').padStart(2, '0')}`;
}

/** Blocks of stocks whose prices lie far apart; within one the mid takes small steps. */
export function madeFile(seed: number, blocks: readonly number[]): MadeFile {
  const random = new Random(seed);
  const lines: number[][] = Array.from({ length: 149 }, () => []);
  blocks.forEach((events, block) => {
    let mid = 0.2 + 0.5 * block;
    for (let i = 0; i < events; i++) {
      mid += 0.0005 * (random.below(3) - 1);
      for (let line = 0; line < 144; line++) lines[line].push(random.normal());
      lines[0][lines[0].length - 1] = mid + 0.001;
      lines[2][lines[2].length - 1] = mid - 0.001;
      for (let line = 144; line < 149; line++) lines[line].push(1 + random.below(3));
    }
  });
  const rounded = lines.map((line) => line.map((value) => Number(matlabNumber(value))));
  return { lines: rounded, text: `${lines.map((line) => line.map(matlabNumber).join('')).join('\n')}\n` };
}

/** The published folders, with files of the given blocks of events. */
export function writeFolder(
  folder: string,
  kind: string,
  blocks: Readonly<Record<string, readonly number[]>>,
): Map<string, MadeFile> {
  const files = new Map<string, MadeFile>();
  Object.entries(blocks).forEach(([name, sizes], at) => {
    const [part, fold] = name.split(' ');
    const made = madeFile(at + 1, sizes);
    const below = join(folder, 'NoAuction', `${part}ing`);
    mkdirSync(below, { recursive: true });
    writeFileSync(join(below, `${part}_Dst_${kind}_CF_${fold}.txt`), made.text);
    files.set(name, made);
  });
  return files;
}
