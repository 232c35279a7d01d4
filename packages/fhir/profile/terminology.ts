import { canonical } from './definition.ts';
import type { Holdings } from './holdings.ts';
import { ancestors, descendants, readSystem, type System } from './systems.ts';
import { type Members, members, type Shelf } from './valuesets.ts';

/** Value sets and code systems, read at the first question and kept. */
export interface Terminology {
  readonly members: (valueSet: string) => Members;
  readonly below: (system: string, code: string) => string[] | undefined;
  readonly above: (system: string, code: string) => string[] | undefined;
}

/** Remembers answers by canonical URL. Only URLs that definitions or callers with a right to ask name come here. */
function remembered<T>(make: (url: string) => T): (url: string) => T {
  const known = new Map<string, T>();
  return (url) => {
    const found = known.get(url);
    if (found !== undefined || known.has(url)) return found as T;
    const made = make(url);
    // A search may ask for any URL: what is not held is not remembered without bound.
    if (made !== undefined && known.size < 10_000) known.set(url, made);
    return made;
  };
}

export function createTerminology({ find }: Holdings): Terminology {
  const system = remembered((url): System | undefined => {
    const source = find('CodeSystem', url);
    return source && readSystem(source);
  });
  const shelf: Shelf = { system, valueSet: (url) => find('ValueSet', url) };
  const reach = (url: string, code: string, way: typeof ancestors): string[] | undefined => {
    const found = system(canonical(url).url);
    return found?.concepts.has(code) ? [...new Set([code, ...way(found, code)])] : undefined;
  };
  return {
    members: remembered((url) => members(url, shelf)),
    below: (url, code) => reach(url, code, descendants),
    above: (url, code) => reach(url, code, ancestors),
  };
}
