import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Static, Type } from 'typebox';
import { BookcastError, shown } from '../core/index.ts';
import type { TrainedMember } from '../evaluate/index.ts';
import { LEARNERS, type Learner } from '../forecast/index.ts';
import { parseTarget } from '../models/index.ts';
import {
  applyOverride,
  findKind,
  isRecord,
  nearest,
  parseShares,
  parseTrainingFile,
  parseYaml,
  readConfig,
  refuseUnknown,
} from '../models/training.ts';

const DataSchema = Type.Object({
  signals: Type.String({ default: 'core', description: 'signals of the recordings: core, full or names' }),
  clock: Type.String({ default: 'burst', description: 'when rows are taken, as "bookcast features --clock"' }),
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
    description: 'rows that every forecast must have behind it, at least those of the longest window; 1 to 4,096',
  }),
  fit: Type.Optional(Type.String({ description: 'what "bookcast fit" wrote, for signals with fitted parameters' })),
  tick: Type.Optional(Type.String({ description: 'price step of an unknown instrument, such as "0.01"' })),
  lot: Type.Optional(Type.String({ description: 'size step of an unknown instrument, such as "0.001"' })),
  symbol: Type.Optional(Type.String({ description: 'which instrument of a recording of several' })),
});

const Rate = Type.Union([Type.Number({ exclusiveMinimum: 0, maximum: 1 }), Type.Null()], {
  default: null,
  description: 'the learning rate η in (0, 1], or null for 1 over the mean span of the labels',
});

const Share = Type.Number({
  minimum: 0,
  exclusiveMaximum: 1,
  default: 1e-3,
  description: 'what each expert shares out, 0 to below 1',
});

const CombinerSchema = Type.Union(
  [
    Type.Object({ kind: Type.Literal('exponential-weights'), rate: Rate }),
    Type.Object({ kind: Type.Literal('fixed-share'), rate: Rate, share: Share }),
    Type.Object({ kind: Type.Literal('stacked'), rate: Rate, share: Share }),
    Type.Object({ kind: Type.Literal('boa') }),
    Type.Object({ kind: Type.Literal('squint') }),
    Type.Object({ kind: Type.Literal('uniform') }),
  ],
  { default: { kind: 'exponential-weights' } },
);

const ConformalSchema = Type.Object({
  coverage: Type.Number({
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
    default: 0.9,
    description: 'share of the sets that shall hold what comes true, above 0 and below 1',
  }),
  score: Type.Union([Type.Literal('lac'), Type.Literal('aps')], {
    default: 'aps',
    description: 'lac (smallest sets) or aps (even coverage)',
  }),
});

const CALIBRATIONS = ['online', 'none'] as const;
const CalibrationSchema = Type.Union(
  CALIBRATIONS.map((name) => Type.Literal(name)),
  { default: 'online', description: 'online (a temperature learnt as labels come) or none' },
);

/** Members that learn on the way; `createOnline` makes them. */
const ONLINE_MEMBERS = LEARNERS;
export type OnlineMember = Learner;

const MemberSchema = Type.Object({
  model: Type.Optional(Type.String({ description: 'kind of model, such as gbdt; by default the name of the member' })),
  mirror: Type.Union([Type.Boolean(), Type.Literal('auto')], {
    default: false,
    description:
      'true, for it to see every training window with bids and asks in each other’s place too, false, or auto: where the training rows do not speak against it',
  }),
});

/** A member that is fitted on the training part, with the whole of its configuration. */
export interface RecipeMember extends TrainedMember {
  /** As `config` in a recipe reads it: the kind's own sections. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** What an evaluation does, every default filled in. */
export interface Recipe {
  readonly name: string;
  readonly targets: readonly string[];
  readonly data: Static<typeof DataSchema>;
  readonly trained: readonly RecipeMember[];
  readonly online: readonly OnlineMember[];
  readonly combiner: Static<typeof CombinerSchema>;
  readonly calibration: Static<typeof CalibrationSchema>;
  readonly conformal: Static<typeof ConformalSchema>;
}

export interface RecipeOptions {
  /** A file, or the name of a recipe that comes with the package; `default` by default. */
  readonly recipe?: string | undefined;
  /** `a.b=value` each, in order, over what the recipe says; values as YAML. */
  readonly overrides?: readonly string[];
  /** In place of the recipe's. */
  readonly targets?: readonly string[] | undefined;
}

const CONFIGS = fileURLToPath(new URL('../../configs', import.meta.url));
/** `recipe` names the one that a kept configuration was made of. */
const KEYS = ['recipe', 'targets', 'data', 'trained', 'online', 'combiner', 'calibration', 'conformal'];

/**
 * Reads a recipe (YAML). Throws `bad-argument` that names the recipe, the path of the key and what is expected: for YAML that cannot be
 * read, an unknown key, member or model (with the nearest known one) and a value that does not fit; `not-found` for a recipe that there is not.
 */
export function readRecipe({ recipe = 'default', overrides = [], targets }: RecipeOptions): Recipe {
  const { name, where, text } = recipeText(recipe);
  const given = parseYaml(text, where, 'targets, trained and online');
  for (const override of overrides) applyOverride(given, override);
  if (targets !== undefined) given.targets = targets;
  return within(where, () => {
    refuseUnknown(given, KEYS, '');
    const data = readConfig(DataSchema, given.data, 'data') as Recipe['data'];
    parseShares(data.split);
    const online = onlineOf(given.online ?? []);
    const trained = trainedOf(given.trained ?? {}, online);
    if (trained.length + online.length === 0) {
      throw new BookcastError('bad-argument', 'the recipe has no members; name some under "trained" or "online"');
    }
    const longest = Math.max(1, ...trained.map(({ kind, config }) => kind.length(config)));
    return {
      name: typeof given.recipe === 'string' ? given.recipe : name,
      targets: targetsOf(given.targets ?? ['events:10']),
      data: { ...data, reach: Math.max(data.reach, longest) },
      trained,
      online,
      combiner: readConfig(CombinerSchema, given.combiner, 'combiner') as Recipe['combiner'],
      calibration: readConfig(CalibrationSchema, given.calibration, 'calibration') as Recipe['calibration'],
      conformal: readConfig(ConformalSchema, given.conformal, 'conformal') as Recipe['conformal'],
    };
  });
}

/** The whole recipe as plain data: what the registry keeps, and what can be read again. */
export function recipeConfig(recipe: Recipe, target: string): Record<string, unknown> {
  const { name, data, trained, online, combiner, calibration, conformal } = recipe;
  const members = trained.map(({ name: member, kind, config, mirror }) => [
    member,
    { model: kind.name, mirror, config },
  ]);
  return {
    recipe: name,
    targets: [target],
    data,
    trained: Object.fromEntries(members),
    online,
    combiner,
    calibration,
    conformal,
  };
}

function recipeText(recipe: string): { name: string; where: string; text: string } {
  const isFile = /[/\\.]/.test(recipe);
  const path = isFile ? recipe : `${CONFIGS}/recipes/${recipe}.yaml`;
  const name = (recipe.split(/[/\\]/).at(-1) as string).replace(/\.ya?ml$/, '');
  if (existsSync(path)) {
    return { name, where: isFile ? recipe : `configs/recipes/${recipe}.yaml`, text: readFileSync(path, 'utf8') };
  }
  if (isFile) throw new BookcastError('not-found', `${recipe}: no such recipe; give a YAML file`, { path: recipe });
  const there = readdirSync(`${CONFIGS}/recipes`).map((file) => file.replace(/\.yaml$/, ''));
  const near = nearest(recipe, there);
  throw new BookcastError(
    'not-found',
    `there is no recipe "${recipe}"${near === null ? '' : `; did you mean "${near}"?`}; there are ${there.join(', ')}, or give a file such as my-recipe.yaml`,
    { recipe },
  );
}

function targetsOf(given: unknown): string[] {
  const targets = typeof given === 'string' ? [given] : given;
  if (!Array.isArray(targets) || targets.length === 0 || targets.some((one) => typeof one !== 'string')) {
    throw new BookcastError(
      'bad-argument',
      `targets is ${shown(given)}, and must be: one or more targets, such as [events:10, next-change]`,
    );
  }
  for (const target of targets) parseTarget(target);
  const twice = targets.find((target, at) => targets.indexOf(target) !== at);
  if (twice === undefined) return targets;
  throw new BookcastError('bad-argument', `targets has ${twice} twice; once is enough`, { target: twice });
}

function onlineOf(given: unknown): OnlineMember[] {
  if (!Array.isArray(given)) {
    throw new BookcastError(
      'bad-argument',
      `online is ${shown(given)}, and must be: names of members that learn on the way (${ONLINE_MEMBERS.join(', ')})`,
    );
  }
  return given.map((name: unknown, at) => {
    const found = ONLINE_MEMBERS.find((one) => one === name);
    if (found !== undefined && given.indexOf(name) === at) return found;
    if (found !== undefined) throw new BookcastError('bad-argument', `online has ${found} twice; once is enough`);
    const near = typeof name === 'string' ? nearest(name, ONLINE_MEMBERS) : null;
    throw new BookcastError(
      'bad-argument',
      `online: there is no member ${shown(name)}${near === null ? '' : `; did you mean "${near}"?`}; there are ${ONLINE_MEMBERS.join(', ')}`,
      { member: name },
    );
  });
}

/** `false` leaves a member out that a recipe has: `--set trained.gru=false`. */
function trainedOf(given: unknown, online: readonly OnlineMember[]): RecipeMember[] {
  if (!isRecord(given)) {
    throw new BookcastError(
      'bad-argument',
      `trained is ${shown(given)}, and must be: names of members with their settings, such as gbdt: { mirror: true }`,
    );
  }
  return Object.entries(given).flatMap(([name, said]) => {
    if (said === false) return [];
    if (['ensemble', 'calibrated', 'prior', ...online].includes(name)) {
      throw new BookcastError('bad-argument', `trained.${name}: another forecast has that name; choose another`);
    }
    return [trainedMember(name, said)];
  });
}

function trainedMember(name: string, said: unknown): RecipeMember {
  const path = `trained.${name}`;
  const own = isRecord(said) ? said : (said ?? {});
  if (!isRecord(own)) {
    throw new BookcastError(
      'bad-argument',
      `${path} is ${shown(said)}, and must be: settings (model, mirror, config), or false to leave it out`,
    );
  }
  const { config = {}, ...rest } = own;
  refuseUnknown(own, ['model', 'mirror', 'config'], path);
  const { model = name, mirror } = readConfig(MemberSchema, rest, path) as Static<typeof MemberSchema>;
  if (!isRecord(config)) {
    throw new BookcastError('bad-argument', `${path}.config is ${shown(config)}, and must be: sections of ${model}`);
  }
  const kind = findKind(model);
  refuseUnknown(config, Object.keys((kind.config as { properties?: object }).properties ?? {}), `${path}.config`);
  const file = `${CONFIGS}/${kind.name}.yaml`;
  const read = parseTrainingFile(existsSync(file) ? readFileSync(file, 'utf8') : `model: ${kind.name}`, {
    where: path,
    model: kind.name,
    overrides: leaves(config),
  });
  return { name, kind, config: read.config as RecipeMember['config'], mirror };
}

/** `{ net: { hidden: 32 } }` → `net.hidden=32`: what is not said stays as the kind's own file has it. */
function leaves(value: Readonly<Record<string, unknown>>, path = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    isRecord(inner) && Object.keys(inner).length > 0
      ? leaves(inner, `${path}${key}.`)
      : [`${path}${key}=${JSON.stringify(inner)}`],
  );
}

function within<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BookcastError)) throw error;
    throw new BookcastError(error.code, `${where}: ${error.message}`, { ...error.context, where });
  }
}
