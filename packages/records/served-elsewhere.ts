import type { Access } from '@safeguard/access';
import { fault } from '@safeguard/kernel';

/** A type that another package serves, at the type's own addresses: nothing of it is stored or written here. */
export interface ServedType {
  readonly interactions: readonly ('read' | 'search-type')[];
  /** What its search takes. */
  readonly parameters: readonly { readonly code: string; readonly type: string }[];
}

export type ServedTypes = Readonly<Record<string, ServedType>>;

const text = 'This type is read and searched at its own address only, and never written';

/**
 * The same rules, under which nothing of those types is here: whatever names one is refused (405), in a bundle too, and
 * nothing that goes over several types sees any. `reindex` stays: it may have to clean up what once was stored.
 */
export function storedOnly(access: Access, served: ServedTypes): Access {
  if (Object.keys(served).length === 0) return access;
  const isServed = (type: string | undefined): boolean => type !== undefined && Object.hasOwn(served, type);
  return {
    ...access,
    guard: (principal, action, target) => {
      if (isServed(target?.type) && action !== 'reindex') throw fault('method', text);
      access.guard(principal, action, target);
    },
    visible: (principal, type, action) => (isServed(type) ? 'none' : access.visible(principal, type, action)),
  };
}
