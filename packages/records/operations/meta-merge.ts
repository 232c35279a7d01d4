import type { JsonObject } from '@safeguard/kernel';

/** What `$meta` is about: the parts of `Resource.meta` that are sets (FHIR R4 resource.html#Meta). */
export interface MetaSets {
  readonly profile: readonly string[];
  readonly security: readonly JsonObject[];
  readonly tag: readonly JsonObject[];
}

const listOf = (meta: unknown, name: string): unknown[] => {
  const list = ((meta ?? {}) as JsonObject)[name];
  return Array.isArray(list) ? list : [];
};

export const setsOf = (meta: unknown): MetaSets => ({
  profile: listOf(meta, 'profile') as string[],
  security: listOf(meta, 'security') as JsonObject[],
  tag: listOf(meta, 'tag') as JsonObject[],
});

/** Two codings are one where system and code are (version and display do not tell them apart). */
const codingKey = ({ system, code }: JsonObject): string => JSON.stringify([system ?? null, code ?? null]);

const without = <T>(list: readonly T[], others: readonly T[], key: (one: T) => unknown): T[] => {
  const keys = new Set(others.map(key));
  return list.filter((one) => !keys.has(key(one)));
};

const union = <T>(list: readonly T[], more: readonly T[], key: (one: T) => unknown): T[] => [
  ...list,
  ...without([...new Map(more.map((one) => [key(one), one])).values()], list, key),
];

const itself = (one: string): string => one;

export const added = (sets: MetaSets, more: MetaSets): MetaSets => ({
  profile: union(sets.profile, more.profile, itself),
  security: union(sets.security, more.security, codingKey),
  tag: union(sets.tag, more.tag, codingKey),
});

export const removed = (sets: MetaSets, others: MetaSets): MetaSets => ({
  profile: without(sets.profile, others.profile, itself),
  security: without(sets.security, others.security, codingKey),
  tag: without(sets.tag, others.tag, codingKey),
});

/** A Meta with these sets; empty ones are left out. */
export const metaWith = (meta: unknown, sets: MetaSets): JsonObject => {
  const { profile: _profile, security: _security, tag: _tag, ...rest } = (meta ?? {}) as JsonObject;
  return { ...rest, ...Object.fromEntries(Object.entries(sets).filter(([, list]) => list.length > 0)) };
};
