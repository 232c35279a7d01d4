import { type ElementDefinition, typeDefinition } from '@safeguard/fhir';
import { createDecide, type Decision, type SegmentMap, segmentMap } from '../segments/index.ts';

/** What stands at the end of a search parameter's path, and what the segment map says of the way there. */
export interface End {
  /** Datatype, or a backbone type's key. */
  readonly type: string;
  readonly decision: Decision;
  /** The path without its conditions: `Patient.name.family`. */
  readonly path: string;
  /** Not all that stands there, but what fulfils a condition. */
  readonly partial: boolean;
}

interface Place extends End {
  /** Inside an extension whose url has not been told yet. */
  readonly extends: 'person' | 'other' | undefined;
}

/** Splits at a sign outside of parentheses and quotes. */
export function splitOutside(text: string, sign: '|' | '.'): string[] {
  const parts: string[] = [];
  let [from, depth, quoted] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === "'") quoted = !quoted;
    else if (quoted) continue;
    else if (letter === '(') depth += 1;
    else if (letter === ')') depth -= 1;
    else if (letter === sign && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)].map((part) => part.trim());
}

/** `(A.b as C)` and `A.b as C` → `A.b.as(C)`; `(A.b).c` → `A.b.c`. */
function unwrapped(text: string): string {
  const cast = /^(\S+) as (\w+)$/.exec(text);
  if (cast) return `${cast[1]}.as(${cast[2]})`;
  const [head = '', ...rest] = splitOutside(text, '.');
  if (!/^\(.*\)$/.test(head)) return text;
  return unwrapped([unwrapped(head.slice(1, -1).trim()), ...rest].join('.'));
}

const worst = (one: Decision, other: Decision): Decision => {
  if (one === 'identity' || other === 'identity') return 'identity';
  return one === 'text' || other === 'text' ? 'text' : 'clinical';
};

/** Follows the paths of FHIRPath expressions through the definitions and asks the segment map at each step. */
export function createEnds(map: SegmentMap = segmentMap): (expression: string, of: string) => readonly End[] {
  const decide = createDecide(map);
  const persons = new Set(map.persons);
  const allowed = new Set(map.clinicalExtensions);
  const identifying = new Set(map.identityExtensions.map((rule) => rule.url));

  const named = (place: Place, name: string, of: string): Place[] => {
    const elements: [string, ElementDefinition][] = [...(typeDefinition(place.type)?.elements ?? [])];
    const found = elements.filter(([, element]) => element.name === name);
    return found.map(([property, { types }]) => {
      const type = types[0] ?? 'string';
      const extension = type === 'Extension' && place.extends === undefined;
      return {
        type,
        decision: worst(place.decision, decide(place.type, property, type)),
        path: `${place.path}.${name}`,
        partial: place.partial,
        extends: extension ? (persons.has(of) ? ('person' as const) : ('other' as const)) : place.extends,
      };
    });
  };

  /** The url of an extension decides, as in `split`; inside, the datatypes do. */
  const byUrl = (place: Place, url: string): Place => {
    const lifted = identifying.has(url) || (place.extends === 'person' && !allowed.has(url));
    return { ...place, decision: lifted ? 'identity' : place.decision, extends: 'other' };
  };

  const step = (places: readonly Place[], text: string, of: string): Place[] | undefined => {
    const name = /^([a-z]\w*)(?:\[\d+\])?$/.exec(text)?.[1];
    if (name !== undefined) return places.flatMap((place) => named(place, name, of));
    const type = /^(?:as|ofType)\((?:FHIR\.)?(\w+)\)$/.exec(text)?.[1];
    if (type !== undefined) return places.filter((place) => place.type.toLowerCase() === type.toLowerCase());
    const url = /^where\(url ?= ?'([^']*)'\)$/.exec(text)?.[1];
    if (url !== undefined) return places.map((place) => byUrl(place, url));
    const direct = /^extension\('([^']*)'\)$/.exec(text)?.[1];
    if (direct !== undefined) {
      return places.flatMap((place) => named(place, 'extension', of)).map((place) => byUrl(place, direct));
    }
    const narrows = /^where\(/.test(text) || /^(?:first|last)\(\)$/.test(text);
    return narrows ? places.map((place) => ({ ...place, partial: true })) : undefined;
  };

  const at = (path: string, type: string, decision: Decision): Place => ({
    type,
    decision,
    path,
    partial: false,
    extends: undefined,
  });
  const unknown = (path: string): Place => at(path, '', 'identity');

  /** That something is there is no identifier, but the de-identified view does not say it of what it does not show. */
  const shownThat = (there: readonly Place[]): Decision =>
    there.every((place) => place.decision === 'clinical') ? 'clinical' : 'text';

  const follow = (part: string, of: string): Place[] => {
    const asked = /^(\S+)\.exists\(\)/.exec(part)?.[1];
    if (asked !== undefined) return [at(part, 'boolean', shownThat(follow(asked, of)))];
    const [head = '', ...steps] = splitOutside(unwrapped(part), '.');
    if (!/^[A-Z%]/.test(head)) return [unknown(part)];
    if (![of, 'Resource', 'DomainResource', '%resource'].includes(head)) return [];
    let places: Place[] = [at(of, of, 'clinical')];
    for (const text of steps) {
      const next = step(places, text, of);
      if (next === undefined) return [unknown(part)];
      places = next;
    }
    // An extension of a person that no url was asked of may be any of them.
    return places.map((place) => (place.extends === 'person' ? { ...place, decision: 'identity' } : place));
  };

  return (expression, of) => splitOutside(expression, '|').flatMap((part) => follow(part, of));
}
