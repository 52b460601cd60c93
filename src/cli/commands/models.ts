import { Command } from 'commander';
import { BookcastError } from '../../core/index.ts';
import { readBundle } from '../../forecast/index.ts';
import { readCardFigures, type ScoredSection } from '../bundle-card.ts';
import { BundleShelf, type ShelvedBundle } from '../bundle-shelf.ts';
import type { Io } from '../io.ts';
import { shelfOption } from '../model-options.ts';
import { bundleText, comparisonText, shelfText } from '../models-text.ts';
import type { Context } from '../options.ts';

interface ShelfFlags {
  readonly shelf: string;
  readonly json: boolean;
}

export function modelsCommand({ io }: Context): Command {
  const models = new Command('models')
    .description(
      'The shelf of bundles (members, what pools them and calibrates them): list, look, promote, compare, verify.',
    )
    // What follows inherits this, and main sets it for the outermost commands alone.
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err });
  const sub = (name: string): Command =>
    models
      .command(name)
      .showHelpAfterError(`(see "bookcast models ${name} --help")`)
      .addOption(shelfOption())
      .option('--json', 'print JSON', false);

  sub('list')
    .description('All bundles; the one with * serves where none is named')
    .action((flags: ShelfFlags) => list(io, flags));
  sub('show')
    .description('One bundle: what it holds, what it learnt from, its scores beside those without skill')
    .argument('<bundle>', 'its name on the shelf, or its folder')
    .action((name: string, flags: ShelfFlags) => show(io, name, flags));
  sub('promote')
    .description('Make a bundle the one that demo, api and replay take where none is named')
    .argument('<name>', 'its name on the shelf; "default" goes back to the one of the package')
    .action((name: string, flags: ShelfFlags) => promote(io, name, flags));
  sub('compare')
    .description('The figures of two cards side by side, where both were scored on the same')
    .argument('<first>', 'name or folder')
    .argument('<second>', 'name or folder')
    .action((first: string, second: string, flags: ShelfFlags) => compare(io, [first, second], flags));
  sub('verify')
    .description('Read every byte of a bundle and check it against its hashes')
    .argument('<bundle>', 'its name on the shelf, or its folder')
    .action((name: string, flags: ShelfFlags) => verify(io, name, flags));
  return models;
}

function list(io: Io, { shelf, json }: ShelfFlags): void {
  const { bundles, damaged } = new BundleShelf(shelf).list();
  for (const { name, why } of damaged) io.err(`note: ${name}: ${why}\n`);
  if (json) io.out(jsonText(bundles.map(plain)));
  else if (bundles.length === 0) io.out(`no bundles in ${shelf}\n`);
  else io.out(shelfText(bundles));
}

function show(io: Io, name: string, { shelf, json }: ShelfFlags): void {
  const found = new BundleShelf(shelf).find(name);
  const card = readCardFigures(found.folder);
  io.out(json ? jsonText({ ...plain(found), card }) : bundleText(found, card));
}

function promote(io: Io, name: string, { shelf, json }: ShelfFlags): void {
  const where = new BundleShelf(shelf);
  const before = where.promoted();
  const found = where.promote(name);
  if (json) io.out(jsonText({ ...plain(found), before }));
  else
    io.out(`${name} (version ${found.facts.version.slice(0, 8)}) serves from now on; before: ${before ?? 'default'}\n`);
}

function compare(io: Io, names: readonly [string, string], { shelf, json }: ShelfFlags): void {
  const where = new BundleShelf(shelf);
  const [first, second] = names.map((name) => where.find(name));
  const cards = [cardOf(first), cardOf(second)] as const;
  if (json) {
    io.out(jsonText([first, second].map((bundle, i) => ({ ...plain(bundle), card: cards[i] }))));
  } else io.out(comparisonText(names, cards));
}

function cardOf({ name, folder }: ShelvedBundle): ScoredSection[] {
  const card = readCardFigures(folder);
  if (card !== null) return card;
  throw new BookcastError(
    'not-found',
    `the bundle ${name} has no card, so there is nothing to compare; "bookcast evaluate --ship FOLDER" writes one beside it`,
    { path: folder },
  );
}

function verify(io: Io, name: string, { shelf, json }: ShelfFlags): void {
  const found = new BundleShelf(shelf).find(name);
  const { files } = readBundle(found.folder);
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  if (json) io.out(jsonText({ ...plain(found), files: files.size, bytes, whole: true }));
  else io.out(`${found.name} is whole: ${files.size} files, ${bytes} bytes, version ${found.facts.version}\n`);
}

function plain({ name, folder, shipped, promoted, facts }: ShelvedBundle): Record<string, unknown> {
  return { name, folder, shipped, promoted, facts };
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
