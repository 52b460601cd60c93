import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { assert } from '../../core/index.ts';
import { ANY, type Attribute, type Constant, type DType, type Graph, type Node, type Shape } from '../graph.ts';

const IR_VERSION = 8;
/** Operators as of ONNX 1.12, which everything that reads ONNX files today knows. */
const OPSET = 17;
/** Versions of the other sets of operators that a graph may use. */
const OTHER_OPSETS: Readonly<Record<string, number>> = { 'ai.onnx.ml': 3 };

/** `TensorProto.DataType`. */
const TYPES: Readonly<Record<DType, number>> = { float32: 1, int64: 7, bool: 9 };

export interface ModelOptions {
  /** Of the graph; default `bookcast`. */
  readonly name?: string;
  /** Of the program that writes the file; left out where it is not given. */
  readonly version?: string;
  /** Told to whoever opens the file, under the same keys (`metadata_props`). */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The graph as an ONNX file (`onnx.proto`, IR version 8): a size that is not known is the dimension `batch`, inputs and outputs carry
 * the names they were given. The same graph gives the same bytes.
 */
export function encodeModel(graph: Graph, options: ModelOptions = {}): Uint8Array<ArrayBuffer> {
  const { name = 'bookcast', version, metadata = {} } = options;
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(IR_VERSION);
  text(writer, 2, 'bookcast');
  if (version !== undefined) text(writer, 3, version);
  message(writer, 7, () => writeGraph(writer, graph, name));
  const domains = new Set(graph.nodes.map((node) => node.domain));
  for (const domain of ['', ...[...domains].filter((other) => other !== '').sort()]) {
    const opset = domain === '' ? OPSET : OTHER_OPSETS[domain];
    assert(opset !== undefined, `the version of the operators ${domain} is known`);
    message(writer, 8, () => {
      text(writer, 1, domain);
      writer.tag(2, WireType.Varint).int64(opset);
    });
  }
  for (const [key, value] of Object.entries(metadata)) {
    message(writer, 14, () => {
      text(writer, 1, key);
      text(writer, 2, value);
    });
  }
  return writer.finish();
}

function writeGraph(writer: BinaryWriter, graph: Graph, name: string): void {
  const { names, copies } = namesOf(graph);
  const nameOf = (value: { readonly name: string }): string => names.get(value.name) ?? value.name;
  for (const node of graph.nodes) message(writer, 1, () => writeNode(writer, node, nameOf));
  for (const { from, to } of copies) {
    message(writer, 1, () => {
      text(writer, 1, nameOf({ name: from }));
      text(writer, 2, to);
      text(writer, 4, 'Identity');
    });
  }
  text(writer, 2, name);
  for (const constant of graph.constants) message(writer, 5, () => writeTensor(writer, constant));
  for (const input of graph.inputs) message(writer, 11, () => writeType(writer, input.name, input.dtype, input.shape));
  for (const { name: output, value } of graph.outputs) {
    message(writer, 12, () => writeType(writer, output, value.dtype, value.shape));
  }
}

/** A value that goes out takes the output's name; one that has a name already, being an input or going out twice, is copied. */
function namesOf(graph: Graph): { names: Map<string, string>; copies: { from: string; to: string }[] } {
  const fixed = new Set([...graph.inputs, ...graph.constants.map(({ value }) => value)].map(({ name }) => name));
  const taken = new Set([...fixed, ...graph.nodes.flatMap(({ outputs }) => outputs.map(({ name }) => name))]);
  const names = new Map<string, string>();
  const copies: { from: string; to: string }[] = [];
  for (const { name, value } of graph.outputs) {
    assert(name === value.name || !taken.has(name), `only one value is called ${name}`);
    taken.add(name);
    if (fixed.has(value.name) || names.has(value.name)) copies.push({ from: value.name, to: name });
    else names.set(value.name, name);
  }
  return { names, copies };
}

function writeNode(writer: BinaryWriter, node: Node, nameOf: (value: { readonly name: string }) => string): void {
  for (const input of node.inputs) text(writer, 1, input === null ? '' : nameOf(input));
  for (const output of node.outputs) text(writer, 2, nameOf(output));
  text(writer, 4, node.op);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    message(writer, 5, () => writeAttribute(writer, name, attribute));
  }
  if (node.domain !== '') text(writer, 7, node.domain);
}

/** `AttributeProto`: a field for each kind of value, and which of them it is. */
function writeAttribute(writer: BinaryWriter, name: string, attribute: Attribute): void {
  text(writer, 1, name);
  let type: number;
  if ('float' in attribute) {
    type = 1;
    writer.tag(2, WireType.Bit32).float(attribute.float);
  } else if ('int' in attribute) {
    type = 2;
    writer.tag(3, WireType.Varint).int64(attribute.int);
  } else if ('string' in attribute) {
    type = 3;
    text(writer, 4, attribute.string);
  } else if ('floats' in attribute) {
    type = 6;
    message(writer, 7, () => {
      for (const x of attribute.floats) writer.float(x);
    });
  } else if ('ints' in attribute) {
    type = 7;
    message(writer, 8, () => {
      for (const x of attribute.ints) writer.int64(x);
    });
  } else {
    type = 8;
    for (const x of attribute.strings) text(writer, 9, x);
  }
  writer.tag(20, WireType.Varint).int32(type);
}

/** `TensorProto` with raw data, which is little-endian, as the machines are that this runs on. */
function writeTensor(writer: BinaryWriter, { value, data }: Constant): void {
  for (const axis of value.shape) writer.tag(1, WireType.Varint).int64(axis);
  writer.tag(2, WireType.Varint).int32(TYPES[value.dtype]);
  text(writer, 8, value.name);
  writer.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeType(writer: BinaryWriter, name: string, dtype: DType, shape: Shape): void {
  text(writer, 1, name);
  message(writer, 2, () =>
    message(writer, 1, () => {
      writer.tag(1, WireType.Varint).int32(TYPES[dtype]);
      message(writer, 2, () => {
        for (const axis of shape) {
          message(writer, 1, () => {
            if (axis === ANY) text(writer, 2, 'batch');
            else writer.tag(1, WireType.Varint).int64(axis);
          });
        }
      });
    }),
  );
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

/** Whatever `write` writes, with its length before it. */
function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}
