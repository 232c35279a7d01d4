import {
  type Criterion,
  compartmentPatients,
  type Include,
  matches,
  type Parameter,
  parametersOf,
  type ReferenceValue,
  textOf,
  valuesOf,
} from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';

/** A resource of the test's world, as a read would give it. */
export interface Known {
  readonly type: string;
  readonly id: string;
  readonly at: number;
  readonly resource: JsonObject;
}

export interface Oracle {
  readonly all: readonly Known[];
  /** `of`: what its compartments are asked for; `where`: what else must be true, said by hand. */
  readonly visible: (type: string) => 'all' | 'none' | readonly Shown[];
  readonly shared: ReadonlySet<string>;
}

export interface Shown {
  readonly patients?: readonly string[];
  readonly where?: (resource: JsonObject) => boolean;
}

export function sees({ visible, shared }: Oracle, { type, resource }: Known): boolean {
  const sight = visible(type);
  if (typeof sight === 'string') return sight === 'all';
  const of = compartmentPatients(resource);
  return sight.some(({ patients, where }) => {
    const near = of.length > 0 ? of.some((one) => patients?.includes(one)) : shared.has(type);
    return (patients === undefined || near) && (where === undefined || where(resource));
  });
}

const refers = (from: Known, parameter: Parameter, to: Known): boolean =>
  (valuesOf(from.resource, parameter) as ReferenceValue[]).some(
    ({ type, id, url }) => url === undefined && type === to.type && id === to.id,
  );

/** What the specification says of one resource, without an index. */
export function fulfils(oracle: Oracle, criterion: Criterion, one: Known): boolean {
  const { all } = oracle;
  switch (criterion.kind) {
    case 'condition':
      return matches(one.resource, criterion);
    case 'and':
      return criterion.all.every((part) => fulfils(oracle, part, one));
    case 'or':
      return criterion.all.some((part) => fulfils(oracle, part, one));
    case 'not':
      return !fulfils(oracle, criterion.one, one);
    case 'id':
      return criterion.ids.includes(one.id);
    case 'updated':
      return criterion.tests.some(({ prefix, low, high }) => {
        const inside = one.at >= low && one.at < high;
        if (prefix === 'ne') return !inside;
        if (prefix === 'gt' || prefix === 'sa') return one.at >= high;
        if (prefix === 'ge') return one.at >= low;
        if (prefix === 'lt' || prefix === 'eb') return one.at < low;
        return prefix === 'le' ? one.at < high : inside;
      });
    case 'chain':
      return criterion.links.some(({ type, where }) =>
        all.some(
          (to) =>
            to.type === type && refers(one, criterion.parameter, to) && sees(oracle, to) && fulfils(oracle, where, to),
        ),
      );
    case 'has': {
      const { type, where } = criterion.link;
      return all.some(
        (from) =>
          from.type === type &&
          refers(from, criterion.parameter, one) &&
          sees(oracle, from) &&
          fulfils(oracle, where, from),
      );
    }
    case 'list': {
      const item = parametersOf('List').get('item') as Parameter;
      return all.some((list) => list.id === criterion.list && refers(list, item, one) && sees(oracle, list));
    }
    default: {
      const words = new Set(textOf(one.resource, criterion.over));
      return criterion.words.every((word) => words.has(word));
    }
  }
}

const references = (type: string): Parameter[] =>
  [...parametersOf(type).values()].filter((parameter) => parameter.type === 'reference');

const leads = (include: Include, from: Known, to: Known): boolean => {
  if (include.source !== '*' && include.source !== from.type) return false;
  const parameters = include.parameter ? [include.parameter] : references(from.type);
  return parameters.some((parameter) => refers(from, parameter, to));
};

/** The ids that a page includes. */
export function included(oracle: Oracle, includes: readonly Include[], page: readonly Known[]): Set<string> {
  const seen = new Set(page.map(({ id }) => id));
  const found = new Set<string>();
  let frontier = page;
  let following = includes;
  while (frontier.length > 0 && following.length > 0) {
    const added = oracle.all.filter(
      (one) =>
        !seen.has(one.id) &&
        sees(oracle, one) &&
        following.some((include) =>
          frontier.some((here) =>
            include.reverse
              ? leads(include, one, here) && (include.target === undefined || include.target === here.type)
              : leads(include, here, one) && (include.target === undefined || include.target === one.type),
          ),
        ),
    );
    for (const { id } of added) {
      seen.add(id);
      found.add(id);
    }
    frontier = added;
    following = includes.filter(({ iterate }) => iterate);
  }
  return found;
}
