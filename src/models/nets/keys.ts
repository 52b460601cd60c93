import { Type } from 'typebox';

/** Keys that several nets have, so that one word means one thing in all configurations. */
export const lengthKey = (rows: number, minimum = 1) =>
  Type.Integer({ minimum, maximum: 4096, default: rows, description: 'rows in a window' });

export const hiddenKey = (units: number) =>
  Type.Integer({ minimum: 1, maximum: 4096, default: units, description: 'units of a recurrent layer' });

export const layersKey = (layers: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 32, default: layers, description });

export const widthKey = (width: number, description: string, minimum = 1) =>
  Type.Integer({ minimum, maximum: 4096, default: width, description });

export const dropoutKey = (share: number, where: string) =>
  Type.Number({ minimum: 0, exclusiveMaximum: 1, default: share, description: `share of numbers dropped ${where}` });
