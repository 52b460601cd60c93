import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { BookcastError } from '../../core/index.ts';
import { eachField, within } from './read-metadata.ts';

/** A node of a graph as its file has it. */
export interface ReadNode {
  readonly op: string;
  /** By name; numbers of whatever kind are numbers here, float32 as they are. A text stands for a list of one. */
  readonly numbers: Readonly<Record<string, readonly number[]>>;
  readonly texts: Readonly<Record<string, readonly string[]>>;
}

/** What a model computes, as far as explanations ask: its nodes, and its constants of 32-bit floats by name. */
export interface ReadGraph {
  readonly nodes: readonly ReadNode[];
  readonly constants: ReadonlyMap<string, Float32Array>;
}

/** Field numbers of `onnx.proto` (ONNX IR version 8). */
const MODEL_GRAPH = 7;
const GRAPH = { node: 1, constant: 5 } as const;
const NODE = { op: 4, attribute: 5 } as const;
const ATTRIBUTE = { name: 1, float: 2, int: 3, text: 4, floats: 7, ints: 8, texts: 9 } as const;
const TENSOR = { type: 2, name: 8, raw: 9 } as const;
const FLOAT32 = 1;

/**
 * Reads nodes and weights out of a file of ours, weights as raw data. `where` is the file, for messages. Throws `bad-input` for what is no ONNX
 * model, or a damaged one.
 */
export function readGraph(bytes: Uint8Array, where: string): ReadGraph {
  const nodes: ReadNode[] = [];
  const constants = new Map<string, Float32Array>();
  const reader = new BinaryReader(bytes);
  let graphs = 0;
  try {
    eachField(reader, reader.len, (field, wire) => {
      if (field !== MODEL_GRAPH || wire !== WireType.LengthDelimited) return false;
      graphs++;
      within(reader, (part, kind) => {
        if (kind !== WireType.LengthDelimited) return false;
        if (part === GRAPH.node) nodes.push(nodeOf(reader));
        else if (part === GRAPH.constant) keepConstant(reader, constants);
        else return false;
        return true;
      });
      return true;
    });
    if (graphs !== 1) throw new Error(`it has ${graphs} graphs, and a model has one`);
  } catch (cause) {
    throw new BookcastError(
      'bad-input',
      `${where} is no ONNX model, or a damaged one (${bytes.length} bytes; ${(cause as Error).message}): write it again`,
      { path: where, cause },
    );
  }
  return { nodes, constants };
}

function nodeOf(reader: BinaryReader): ReadNode {
  let op = '';
  const numbers: [string, number[]][] = [];
  const texts: [string, string[]][] = [];
  within(reader, (field) => {
    if (field === NODE.op) op = reader.string();
    else if (field === NODE.attribute) {
      const read = attributeOf(reader);
      if (read.numbers.length > 0) numbers.push([read.name, read.numbers]);
      if (read.texts.length > 0) texts.push([read.name, read.texts]);
    } else return false;
    return true;
  });
  return { op, numbers: Object.fromEntries(numbers), texts: Object.fromEntries(texts) };
}

function attributeOf(reader: BinaryReader): { name: string; numbers: number[]; texts: string[] } {
  let name = '';
  const numbers: number[] = [];
  const texts: string[] = [];
  const float = (): number => numbers.push(reader.float());
  const int = (): number => numbers.push(Number(reader.int64()));
  within(reader, (field, wire) => {
    if (field === ATTRIBUTE.name) name = reader.string();
    else if (field === ATTRIBUTE.text || field === ATTRIBUTE.texts) texts.push(reader.string());
    else if (field === ATTRIBUTE.float || field === ATTRIBUTE.floats) each(reader, wire, float);
    else if (field === ATTRIBUTE.int || field === ATTRIBUTE.ints) each(reader, wire, int);
    else return false;
    return true;
  });
  return { name, numbers, texts };
}

/** Numbers may stand packed, or each under a tag of its own. */
function each(reader: BinaryReader, wire: WireType, read: () => number): void {
  if (wire !== WireType.LengthDelimited) {
    read();
    return;
  }
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new Error(`it ends ${end - reader.len} bytes early`);
  while (reader.pos < end) read();
}

function keepConstant(reader: BinaryReader, constants: Map<string, Float32Array>): void {
  let name = '';
  let type = 0;
  let raw = new Uint8Array(0);
  within(reader, (field) => {
    if (field === TENSOR.type) type = reader.int32();
    else if (field === TENSOR.name) name = reader.string();
    else if (field === TENSOR.raw)
      raw = new Uint8Array(reader.bytes()); // A copy: a Buffer’s slice would be none.
    else return false;
    return true;
  });
  if (type !== FLOAT32) return;
  if (raw.length % 4 !== 0) throw new Error(`${raw.length} bytes of ${name} are no 32-bit floats`);
  constants.set(name, new Float32Array(raw.buffer, 0, raw.length / 4));
}
