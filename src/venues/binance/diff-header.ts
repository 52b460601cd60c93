import { Field } from './flat-scanner.ts';

const QUOTE = 34;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const FIELDS = 128;

/** Some fixed text of a header, and the field of the number behind it; -1 behind the last. */
export interface HeaderPiece {
  readonly text: Uint8Array;
  readonly field: number;
}

/**
 * Cuts `bytes[from, to)`, the text in front of a diff's levels, which the scanner understood: flat, without escapes, its
 * numbers plain integers. From one diff to the next only the numbers change.
 */
export function cutHeader(bytes: Uint8Array, from: number, to: number): HeaderPiece[] {
  const text = bytes.slice(from, to);
  const pieces: HeaderPiece[] = [];
  let start = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === QUOTE) inText = !inText;
    else if (!inText && text[i] === COLON && isDigit(text[i + 1])) {
      pieces.push({ text: text.subarray(start, i + 1), field: fieldBefore(text, i) });
      while (isDigit(text[i + 1])) i++;
      start = i + 1;
    }
  }
  return [...pieces, { text: text.subarray(start), field: -1 }];
}

function isDigit(c: number): boolean {
  return c >= ZERO && c <= NINE;
}

/** The field of the key whose colon stands at `at`: its letter, or `PREVIOUS` for "pu". */
function fieldBefore(text: Uint8Array, at: number): number {
  if (text[at - 3] === QUOTE && text[at - 2] < FIELDS) return text[at - 2];
  return text[at - 4] === QUOTE && text[at - 3] === 112 && text[at - 2] === 117 ? Field.PREVIOUS : Field.OTHER;
}
