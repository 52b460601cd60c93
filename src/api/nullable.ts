import { Type } from 'typebox';

/** A value that may be absent. */
export const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);
