import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { BookcastError } from '../core/index.ts';
import type { Figure } from '../evaluate/index.ts';

const CARD_FILE = 'card.json';

/** Figures that are shown side by side, where a card has them. */
export const CARD_FIGURES = ['logLoss', 'gain', 'directionGain', 'mcc', 'macroF1', 'accuracy', 'brier'] as const;
export type CardFigureName = (typeof CARD_FIGURES)[number];

/** Of one forecast: what is there of `CARD_FIGURES`. */
interface ScoredForecast {
  readonly name: string;
  readonly baseline: boolean;
  readonly figures: Readonly<Partial<Record<CardFigureName, Figure>>>;
}

/** One part of a card: one target on one set of data. */
export interface ScoredSection {
  /** The data, where the card tells sections apart by them, and the target. */
  readonly title: string;
  readonly rows: number;
  readonly served: string;
  readonly forecasts: readonly ScoredForecast[];
}

const FigureSchema: TSchema = Type.Object({
  value: Type.Union([Type.Number(), Type.Null()]),
  interval: Type.Optional(Type.Union([Type.Object({ low: Type.Number(), high: Type.Number() }), Type.Null()])),
});

const CardSchema = Type.Object({
  sections: Type.Array(
    Type.Object({
      session: Type.Optional(Type.String()),
      target: Type.String(),
      served: Type.String(),
      scores: Type.Object({
        rows: Type.Number(),
        forecasts: Type.Array(Type.Object({ name: Type.String(), baseline: Type.Boolean() })),
      }),
    }),
  ),
});

/** The figures of a bundle's card, a section for each target and set of data; null where it has no card. Throws `bad-input`. */
export function readCardFigures(folder: string): ScoredSection[] | null {
  const path = join(folder, CARD_FILE);
  if (!existsSync(path)) return null;
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new BookcastError('bad-input', `${path} is not JSON: make the card again`, { path, cause });
  }
  if (!Value.Check(CardSchema, json)) {
    const [first] = Value.Errors(CardSchema, json);
    throw new BookcastError(
      'bad-input',
      `${path} is no card: ${first?.instancePath || 'it'} ${first?.message ?? 'is odd'}. "bookcast evaluate" writes one`,
      { path },
    );
  }
  return json.sections.map(({ session, target, served, scores }) => ({
    title: session === undefined ? target : `${session}, ${target}`,
    rows: scores.rows,
    served,
    forecasts: scores.forecasts.map((forecast) => ({
      name: forecast.name,
      baseline: forecast.baseline,
      figures: figuresOf(forecast as Readonly<Record<string, unknown>>),
    })),
  }));
}

function figuresOf(forecast: Readonly<Record<string, unknown>>): ScoredForecast['figures'] {
  return Object.fromEntries(
    CARD_FIGURES.flatMap((name) =>
      Value.Check(FigureSchema, forecast[name]) ? [[name, forecast[name] as Figure]] : [],
    ),
  );
}
