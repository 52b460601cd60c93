/** A tensor of the interpreter: numbers of any dtype in float64, row-major; bool as 0 and 1. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((n, size) => n * size, 1);
}

/** Fills a tensor with a function of the index along each axis. */
export function make(shape: readonly number[], at: (index: number[]) => number): Tensor {
  const data = new Float64Array(sizeOf(shape));
  const index = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = at(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
  return { shape: [...shape], data };
}

/** The number at an index; an axis of size 1 is read as if it were repeated, and missing leading axes too. */
export function read({ shape, data }: Tensor, index: readonly number[]): number {
  let place = 0;
  const skip = index.length - shape.length;
  for (let axis = 0; axis < shape.length; axis++) {
    place = place * shape[axis] + (shape[axis] === 1 ? 0 : index[skip + axis]);
  }
  return data[place];
}

/** As `read`, 0 outside. */
export function readInside(tensor: Tensor, index: readonly number[]): number {
  return index.every((i, axis) => i >= 0 && i < tensor.shape[axis]) ? read(tensor, index) : 0;
}

/** The shape of all together. */
export function together(...shapes: (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = shapes.map((shape) => shape[i - rank + shape.length] ?? 1);
    const size = Math.max(...sizes);
    if (sizes.some((other) => other !== size && other !== 1)) throw new Error(`shapes ${shapes.join(' and ')}`);
    return size;
  });
}

/** Every index of a shape. */
export function indices(shape: readonly number[]): number[][] {
  const all: number[][] = [];
  make(shape, (index) => all.push([...index]));
  return all;
}
