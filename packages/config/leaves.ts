import type { z } from 'zod';
import { type Meta, schema } from './schema.ts';

/** One setting: a leaf of the schema. */
export interface Leaf {
  readonly path: readonly string[];
  /** `limits.body_bytes` */
  readonly name: string;
  /** `SAFEGUARD_LIMITS_BODY_BYTES` */
  readonly env: string;
  readonly type: z.ZodType;
  readonly meta: Meta;
  readonly kind: 'number' | 'list' | 'text';
}

const innermost = (type: z.ZodType): z.ZodType => {
  const { innerType } = type.def as unknown as { innerType?: z.ZodType };
  return innerType === undefined ? type : innermost(innerType);
};

const kinds: Readonly<Record<string, Leaf['kind']>> = { number: 'number', int: 'number', array: 'list' };

function leafOf(path: readonly string[], type: z.ZodType): Leaf {
  return {
    path,
    name: path.join('.'),
    env: `SAFEGUARD_${path.join('_').toUpperCase()}`,
    type,
    meta: type.meta() as unknown as Meta,
    kind: kinds[innermost(type).def.type] ?? 'text',
  };
}

function walk(shape: Readonly<Record<string, unknown>>, path: readonly string[]): Leaf[] {
  return Object.entries(shape).flatMap(([name, type]) => {
    const inner = (type as { shape?: Readonly<Record<string, unknown>> }).shape;
    return inner === undefined ? [leafOf([...path, name], type as z.ZodType)] : walk(inner, [...path, name]);
  });
}

/** Every setting, in the order of the schema. */
export const leaves: readonly Leaf[] = walk(schema.shape, []);
