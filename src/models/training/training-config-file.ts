import { type Static, Type } from 'typebox';
import { parseDocument } from 'yaml';
import { BookcastError, shown } from '../../core/index.ts';
import { parseTarget } from '../target.ts';
import type { ModelKind } from './contract.ts';
import { epochsKey, findKind } from './model-kinds.ts';
import { parseShares } from './split.ts';
import { isRecord, readConfig, refuseUnknown } from './training-config-reader.ts';

/** What is learnt from and scored on: the `data` part of a configuration, the same for every kind of model. */
const DataSchema = Type.Object({
  target: Type.String({ default: 'events:10', description: 'what is forecast: events:N, time:MS or next-change' }),
  split: Type.String({
    default: '60/10/30',
    description: 'percentages of training, validation and test, in order of time, such as 60/10/30',
  }),
  embargo: Type.Integer({
    minimum: 0,
    maximum: 1000,
    default: 1,
    description: 'horizons left out between two parts, 0 or more',
  }),
  reach: Type.Integer({
    minimum: 1,
    maximum: 4096,
    default: 1,
    description:
      'rows that every window must have behind it, so that models of longer windows are scored on the same ones',
  }),
  signals: Type.String({
    default: 'core',
    description: 'signals of recordings: core, full or names; files of features have those that they have',
  }),
  clock: Type.String({
    default: 'burst',
    description: 'when rows of recordings are taken, as "bookcast features --clock"',
  }),
  fit: Type.Optional(Type.String({ description: 'what "bookcast fit" wrote, for recordings' })),
  tick: Type.Optional(Type.String({ description: 'price step of an unknown instrument, such as "0.01"' })),
  lot: Type.Optional(Type.String({ description: 'size step of an unknown instrument, such as "0.001"' })),
  symbol: Type.Optional(Type.String({ description: 'which instrument of a recording of several' })),
  fi2010: Type.Optional(
    Type.Object(
      {
        protocol: Type.Union([Type.Literal('setup-2'), Type.Integer({ minimum: 1, maximum: 9 })], {
          default: 'setup-2',
          description: 'setup-2, or the fold of the anchored protocol, 1 to 9',
        }),
        features: Type.Union([Type.Literal(40), Type.Literal(144)], {
          default: 40,
          description: 'columns of a row: 40 (prices and sizes) or 144',
        }),
        normalisation: Type.Union(
          [Type.Literal('z-score'), Type.Literal('min-max'), Type.Literal('decimal-precision')],
          { default: 'z-score', description: 'z-score, min-max or decimal-precision' },
        ),
        auction: Type.Boolean({ default: false, description: 'true with the auctions' }),
        jump: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
          default: 50,
          description: 'median moves of the mid that end a stock or a day, or null to cut nowhere',
        }),
      },
      { description: 'how the published files of FI-2010 are read' },
    ),
  ),
  clip: Type.Number({
    exclusiveMinimum: 0,
    default: 10,
    description: 'scaled signals are cut to ± so many deviations, above 0',
  }),
});
export type DataConfig = Static<typeof DataSchema>;

/** A configuration that has been read: what to fit, how, and on what. Every default is filled in. */
export interface TrainingFile {
  readonly kind: ModelKind;
  /** Of the kind: its part of the file. */
  readonly config: unknown;
  readonly data: DataConfig;
}

export interface TrainingFileOptions {
  /** Name of the file, for messages. */
  readonly where: string;
  /** The model that is asked for, where the file may leave it out; it must not say another. */
  readonly model?: string | undefined;
  /** `a.b=value` each, in order, over what the file says; values as YAML. */
  readonly overrides?: readonly string[];
  /** How long to train, under whatever key the kind has for it; over all else. */
  readonly epochs?: number | undefined;
}

/**
 * Reads a configuration (YAML, so JSON too): `model`, the keys of that kind of model (`net` and `training`, or `trees`, or `linear`) and `data`.
 * Throws `bad-argument` that names the file, the path of the key and what is expected: for YAML that cannot be read, a model that there is
 * not, an unknown key (with the nearest known one) and a value that does not fit.
 */
export function parseTrainingFile(text: string, options: TrainingFileOptions): TrainingFile {
  const { where, model, overrides = [], epochs } = options;
  const given = parseYaml(text, where);
  for (const override of overrides) applyOverride(given, override);
  const said = given.model ?? model;
  if (typeof said !== 'string') {
    throw new BookcastError(
      'bad-argument',
      `${where}: model is ${shown(said)}, and must be: the name of a model, such as lstm`,
    );
  }
  if (model !== undefined && said !== model) {
    throw new BookcastError('bad-argument', `${where} is a configuration of ${said}, and ${model} was asked for`, {
      found: said,
      expected: model,
    });
  }
  const kind = findKind(said);
  if (epochs !== undefined) setEpochs(given, kind, epochs);
  const { model: _, data, ...own } = given;
  const sections = Object.keys((kind.config as { properties?: object }).properties ?? {});
  return within(where, () => {
    refuseUnknown(given, ['model', ...sections, 'data'], '');
    const read = readConfig(DataSchema, data, 'data') as DataConfig;
    // Checked now, and not when hours of rows have been read.
    parseTarget(read.target);
    parseShares(read.split);
    return { kind, config: readConfig(kind.config, own), data: read };
  });
}

/** The keys of a YAML text, none of an empty one. Throws `bad-argument`; `expected` says which keys might have stood there. */
export function parseYaml(text: string, where: string, expected = 'model, net and training'): Record<string, unknown> {
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new BookcastError('bad-argument', `${where} is no YAML: ${error.message.split('\n')[0].replace(/:$/, '')}`, {
      where,
      cause: error,
    });
  }
  const data: unknown = document.toJS({ maxAliasCount: 100 }) ?? {};
  if (!isRecord(data)) {
    throw new BookcastError('bad-argument', `${where} holds ${shown(data)}, and must hold keys such as ${expected}`);
  }
  return data;
}

/** `training.epochs=3` → the key set in `given`, whose objects on the way are made where they are not there. Throws `bad-argument`. */
export function applyOverride(given: Record<string, unknown>, override: string): void {
  const match = /^([A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*)=(.*)$/s.exec(override);
  if (match === null) {
    throw new BookcastError('bad-argument', `--set ${override}: expected KEY=VALUE, such as training.epochs=3`, {
      override,
    });
  }
  const value = parseYaml(`value: ${match[2]}`, `--set ${override}`).value;
  const keys = match[1].split('.');
  const last = keys.pop() as string;
  let at = given;
  for (const key of keys) {
    // `optimiser: adam` is short for its kind, and `optimiser.decay` is a key of that.
    const next = typeof at[key] === 'string' ? { kind: at[key] } : (at[key] ?? {});
    if (!isRecord(next)) {
      throw new BookcastError('bad-argument', `--set ${override}: ${key} is ${shown(next)}, which has no keys`, {
        override,
      });
    }
    at[key] = next;
    at = next;
  }
  at[last] = value;
}

function setEpochs(given: Record<string, unknown>, kind: ModelKind, epochs: number): void {
  const key = epochsKey(kind);
  if (key === null) {
    throw new BookcastError('bad-argument', `--epochs has no place with ${kind.name}, which is solved at once`, {
      model: kind.name,
    });
  }
  applyOverride(given, `${key}=${epochs}`);
}

function within<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BookcastError)) throw error;
    throw new BookcastError(error.code, `${where}: ${error.message}`, { ...error.context, where });
  }
}
