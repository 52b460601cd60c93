import { Type } from 'typebox';
import { BookcastError } from '../../core/index.ts';
import { logistic } from '../linear/logistic.ts';
import { ridge } from '../linear/ridge.ts';
import { NETS } from '../nets/index.ts';
import { gbdt } from '../trees/gbdt.ts';
import type { ModelKind } from './contract.ts';
import { netKind } from './fit-net.ts';
import { nearest } from './training-config-reader.ts';

/** Every kind of model that can be trained. */
export const MODEL_KINDS: readonly ModelKind[] = [
  inSection('linear', logistic),
  inSection('linear', ridge),
  inSection('trees', gbdt),
  ...NETS.map(netKind),
];

/** Where each section says how long to train: what `--epochs` sets. */
const LENGTHS: Readonly<Record<string, string>> = { training: 'epochs', trees: 'rounds', linear: 'steps' };

/** The key of the configuration that says how long to train, such as `training.epochs`; null for a kind that is solved at once. */
export function epochsKey(kind: ModelKind): string | null {
  const sections = (kind.config as { properties?: Record<string, { properties?: object }> }).properties ?? {};
  for (const [section, key] of Object.entries(LENGTHS)) {
    if (Object.hasOwn(sections[section]?.properties ?? {}, key)) return `${section}.${key}`;
  }
  return null;
}

/** The same kind with its configuration under a key, so that files of all kinds are laid out alike. */
function inSection<C>(section: string, kind: ModelKind<C>): ModelKind {
  const inside = (config: unknown): C => (config as Record<string, C>)[section];
  return {
    name: kind.name,
    title: kind.title,
    config: Type.Object({ [section]: kind.config }),
    length: (config) => kind.length(inside(config)),
    fit: (data, config, options) => kind.fit(data, inside(config), options),
  };
}

/** Throws `bad-argument` for a name that there is not, with the nearest one. */
export function findKind(name: string): ModelKind {
  const kind = MODEL_KINDS.find((one) => one.name === name);
  if (kind !== undefined) return kind;
  const names = MODEL_KINDS.map((one) => one.name);
  const near = nearest(name, names);
  throw new BookcastError(
    'bad-argument',
    `there is no model "${name}"${near === null ? '' : `; did you mean "${near}"?`}; there are ${names.join(', ')}`,
    { model: name },
  );
}
