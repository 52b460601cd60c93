import { readFileSync } from 'node:fs';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { BookcastError } from '../core/index.ts';
import type { Io } from './io.ts';

/** Every setting there is. `null` for `speed` means as fast as possible. */
const ConfigSchema = Type.Object(
  {
    host: Type.String({ minLength: 1, description: 'address that the servers listen on' }),
    apiPort: Type.Integer({ minimum: 0, maximum: 65535, description: 'port of the API; 0 picks a free one' }),
    port: Type.Integer({ minimum: 0, maximum: 65535, description: 'port of the page; 0 picks a free one' }),
    target: Type.String({ description: 'events:N, time:MS or next-change' }),
    mode: Type.String({ description: 'mode of the simulator' }),
    seed: Type.Integer({ description: 'seed of the simulator' }),
    speed: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Literal('max')], {
      description: 'market seconds a second, or max',
    }),
  },
  { additionalProperties: false },
);
export type Config = Readonly<Static<typeof ConfigSchema>>;

const DEFAULTS: Config = {
  host: '127.0.0.1',
  apiPort: 8000,
  port: 8501,
  target: 'events:10',
  mode: 'realistic',
  seed: 7,
  speed: 1,
};

const ENVIRONMENT: Record<keyof Config, string> = {
  host: 'BOOKCAST_HOST',
  apiPort: 'BOOKCAST_API_PORT',
  port: 'BOOKCAST_PORT',
  target: 'BOOKCAST_TARGET',
  mode: 'BOOKCAST_MODE',
  seed: 'BOOKCAST_SEED',
  speed: 'BOOKCAST_SPEED',
};

type Layer = { where: string; values: Record<string, unknown> };

/**
 * Defaults, then the file named by `--config` or `BOOKCAST_CONFIG` (JSON), then the environment, then flags; checked once and
 * frozen. Throws `bad-argument` that names the setting, what was found, and where.
 */
export function loadConfig(io: Io, flags: Record<string, unknown>): Config {
  const file = (flags.config as string | undefined) ?? io.env.BOOKCAST_CONFIG;
  const layers: Layer[] = [];
  if (file !== undefined) layers.push({ where: file, values: readConfigFile(file) });
  for (const [key, name] of Object.entries(ENVIRONMENT)) {
    const text = io.env[name];
    if (text !== undefined && text !== '') layers.push({ where: name, values: { [key]: numberOrText(text) } });
  }
  const given = Object.fromEntries(
    Object.keys(DEFAULTS).flatMap((key) => (flags[key] === undefined ? [] : [[key, flags[key]]])),
  );
  layers.push({ where: 'the command line', values: mapValues(given, numberOrText) });

  let config: Record<string, unknown> = { ...DEFAULTS };
  for (const { where, values } of layers) {
    config = { ...config, ...values };
    check(config, where);
  }
  return Object.freeze(config as Config);
}

function check(config: Record<string, unknown>, where: string): void {
  for (const key of Object.keys(config)) {
    if (!(key in DEFAULTS)) {
      throw new BookcastError(
        'bad-argument',
        `${where}: there is no setting "${key}"; there are ${Object.keys(DEFAULTS).join(', ')}`,
      );
    }
    const schema: TSchema & { description?: string } = ConfigSchema.properties[key as keyof Config];
    if (!Value.Check(schema, config[key])) {
      throw new BookcastError(
        'bad-argument',
        `${where}: ${key} is ${JSON.stringify(config[key])}, and must be: ${schema.description}`,
      );
    }
  }
}

function readConfigFile(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BookcastError('not-found', `cannot read the configuration file ${path}`, { cause });
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new BookcastError('bad-input', `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new BookcastError('bad-input', `${path} holds no JSON object of settings`);
  }
  return data as Record<string, unknown>;
}

function numberOrText(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function mapValues(values: Record<string, unknown>, map: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}
