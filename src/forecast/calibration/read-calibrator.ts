import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { BookcastError } from '../../core/index.ts';
import type { Calibrator, CalibratorJson, CurveJson } from './calibrator.ts';
import { IdentityCalibrator } from './identity-calibrator.ts';
import { IsotonicCalibrator } from './isotonic-calibrator.ts';
import { TemperatureCalibrator } from './temperature-calibrator.ts';
import { VectorCalibrator } from './vector-calibrator.ts';

const Classes = Type.Integer({ minimum: 2, maximum: 1000 });
const Numbers = Type.Array(Type.Number());
const closed = { additionalProperties: false };

const Schema = Type.Union([
  Type.Object({ kind: Type.Literal('identity'), classes: Classes }, closed),
  Type.Object(
    { kind: Type.Literal('temperature'), classes: Classes, temperature: Type.Number({ exclusiveMinimum: 0 }) },
    closed,
  ),
  Type.Object({ kind: Type.Literal('vector'), classes: Classes, scale: Numbers, bias: Numbers }, closed),
  Type.Object(
    {
      kind: Type.Literal('isotonic'),
      classes: Classes,
      least: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
      curves: Type.Array(Type.Object({ from: Numbers, to: Numbers }, closed)),
    },
    closed,
  ),
]);

/** The calibrator that `toJson` wrote. `where` is the file, for messages. Throws `bad-input` for anything else. */
export function readCalibrator(json: unknown, where: string): Calibrator {
  if (!Value.Check(Schema, json)) {
    const kind = (json as { kind?: unknown } | null)?.kind;
    throw refusal(where, `found ${JSON.stringify(kind) ?? 'no kind'} with other fields than it has`);
  }
  const found: CalibratorJson = json;
  switch (found.kind) {
    case 'identity':
      return new IdentityCalibrator(found.classes);
    case 'temperature':
      return new TemperatureCalibrator(found.classes, found.temperature);
    case 'vector':
      if (found.scale.length !== found.classes || found.bias.length !== found.classes)
        throw refusal(where, `${found.classes} classes, ${found.scale.length} scales and ${found.bias.length} biases`);
      return new VectorCalibrator(found.scale, found.bias);
    case 'isotonic':
      if (found.curves.length !== found.classes || !found.curves.every(rises))
        throw refusal(where, `${found.classes} classes and ${found.curves.length} curves, or one that does not rise`);
      return new IsotonicCalibrator(found.curves, found.least);
  }
}

function rises({ from, to }: CurveJson): boolean {
  if (from.length === 0 || from.length !== to.length) return false;
  return from.every((x, i) => i === 0 || (x > from[i - 1] && to[i] >= to[i - 1]));
}

function refusal(where: string, found: string): BookcastError {
  return new BookcastError(
    'bad-input',
    `${where} holds no calibrator: ${found}; expected one of identity, temperature, vector or isotonic as bookcast writes them. Fit it again`,
    { path: where },
  );
}
