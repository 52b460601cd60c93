import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { BookcastError } from '../../core/index.ts';
import { ANY, type Shape } from '../graph.ts';

/** An input or output of a model as its file declares it; `ANY` for a size that the file leaves open. */
export interface DeclaredTensor {
  readonly name: string;
  readonly shape: Shape;
  /** `TensorProto.DataType`: 1 is float32, 7 int64. 0 where it is no tensor. */
  readonly type: number;
}

/** What a model's file says of itself, its nodes and weights left aside. */
export interface DeclaredModel {
  readonly producer: string;
  /** The standard operators' version; 0 where none is stated. */
  readonly opset: number;
  readonly inputs: readonly DeclaredTensor[];
  readonly outputs: readonly DeclaredTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Field numbers of `onnx.proto` (ONNX IR version 8); what is not read is skipped. */
const Field = {
  model: { producer: 2, graph: 7, opset: 8, metadata: 14 },
  opset: { domain: 1, version: 2 },
  entry: { key: 1, value: 2 },
  graph: { input: 11, output: 12 },
  info: { name: 1, type: 2 },
  type: { tensor: 1 },
  tensor: { element: 1, shape: 2 },
  shape: { dimension: 1 },
  dimension: { size: 1 },
} as const;

/**
 * Reads a model's declarations and its `metadata_props` without a runtime. Time and memory do not grow with the weights, which are stepped
 * over. `where` is the file, for messages. Throws `bad-input` for what is no ONNX model, or a damaged one.
 */
export function readModel(bytes: Uint8Array, where: string): DeclaredModel {
  try {
    return modelOf(bytes);
  } catch (cause) {
    throw new BookcastError(
      'bad-input',
      `${where} is no ONNX model, or a damaged one (${bytes.length} bytes; ${(cause as Error).message}): write it again`,
      { path: where, cause },
    );
  }
}

/** Calls `take` at each field; one that it does not read is skipped. */
export function eachField(reader: BinaryReader, end: number, take: (field: number, wire: WireType) => boolean): void {
  while (reader.pos < end) {
    const [field, wire] = reader.tag();
    if (!take(field, wire)) reader.skip(wire, field);
  }
  if (reader.pos !== end) throw new Error('a part of it is longer than the whole');
}

/** The fields of a message within a message. */
export function within(reader: BinaryReader, take: (field: number, wire: WireType) => boolean): void {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new Error(`it ends ${end - reader.len} bytes early`);
  eachField(reader, end, take);
}

const isText = (wire: WireType): boolean => wire === WireType.LengthDelimited;

function modelOf(bytes: Uint8Array): DeclaredModel {
  const reader = new BinaryReader(bytes);
  const inputs: DeclaredTensor[] = [];
  const outputs: DeclaredTensor[] = [];
  const metadata: [string, string][] = [];
  let producer = '';
  let opset = 0;
  let graphs = 0;
  eachField(reader, reader.len, (field, wire) => {
    if (!isText(wire)) return false;
    if (field === Field.model.producer) producer = reader.string();
    else if (field === Field.model.opset) opset = Math.max(opset, standardOpset(reader));
    else if (field === Field.model.metadata) {
      const [key, value] = entryOf(reader);
      metadata.push([key, value]);
    } else if (field === Field.model.graph) {
      graphs++;
      within(reader, (part, wire) => {
        if (!isText(wire)) return false;
        if (part === Field.graph.input) inputs.push(tensorOf(reader));
        else if (part === Field.graph.output) outputs.push(tensorOf(reader));
        else return false;
        return true;
      });
    } else return false;
    return true;
  });
  if (graphs !== 1) throw new Error(`it has ${graphs} graphs, and a model has one`);
  // Of any name: an assignment to `__proto__` would be none.
  return { producer, opset, inputs, outputs, metadata: Object.fromEntries(metadata) };
}

/** The version, where the operators are the standard ones; else 0. */
function standardOpset(reader: BinaryReader): number {
  let domain = '';
  let version = 0;
  within(reader, (field) => {
    if (field === Field.opset.domain) domain = reader.string();
    else if (field === Field.opset.version) version = Number(reader.int64());
    else return false;
    return true;
  });
  return domain === '' || domain === 'ai.onnx' ? version : 0;
}

function entryOf(reader: BinaryReader): [string, string] {
  const pair: [string, string] = ['', ''];
  within(reader, (field) => {
    if (field === Field.entry.key) pair[0] = reader.string();
    else if (field === Field.entry.value) pair[1] = reader.string();
    else return false;
    return true;
  });
  return pair;
}

function tensorOf(reader: BinaryReader): DeclaredTensor {
  let name = '';
  let type = 0;
  const shape: number[] = [];
  const readTensor = (field: number): boolean => {
    if (field === Field.tensor.element) type = reader.int32();
    else if (field === Field.tensor.shape)
      within(reader, (part) => part === Field.shape.dimension && shape.push(sizeIn(reader)) > 0);
    else return false;
    return true;
  };
  within(reader, (field) => {
    if (field === Field.info.name) name = reader.string();
    else if (field === Field.info.type) {
      within(reader, (kind) => {
        if (kind !== Field.type.tensor) return false;
        within(reader, readTensor);
        return true;
      });
    } else return false;
    return true;
  });
  return { name, shape, type };
}

/** A named size, such as a batch, is open. */
function sizeIn(reader: BinaryReader): number {
  let size: number = ANY;
  within(reader, (field) => {
    if (field !== Field.dimension.size) return false;
    size = Number(reader.int64());
    return true;
  });
  return size;
}
