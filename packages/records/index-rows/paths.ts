import { type ElementDefinition, isResourceType, typeDefinition } from '@safeguard/fhir';
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

/** An alternative that is another type's. Of a tenant's own: surely so, and nothing more. */
const elsewhere = (part: string, head: string, own: boolean): Place[] =>
  own && !(isResourceType(head) && /^[\w.]+$/.test(part)) ? [unknown(part)] : [];

/** `system = 'phone'`, `name.family='x'`, `active = true`: an element below, and a literal without escapes. */
const equality = /^where\(([a-z]\w*(?:\.[a-z]\w*)*) ?= ?(?:'[^'\\]*'|true|false|-?\d+(?:\.\d+)?|@[\dT:.Z+-]+)\)$/;
const leads = /^where\(resolve\(\) is (?:FHIR\.)?\w+\)$/;

const partly = (place: Place): Place => ({ ...place, partial: true });
/** An extension of a person that no url was asked of may be any of them. */
const settled = (place: Place): Place => (place.extends === 'person' ? { ...place, decision: 'identity' } : place);

/** Undefined: not known where it leads. */
type Steps = (places: readonly Place[], text: string, of: string, own: boolean) => Place[] | undefined;

/** One step of a path, and what the segment map says of it. */
function createSteps(map: SegmentMap): Steps {
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

  /** What is picked by a condition tells of what the condition looks at. */
  const picked = (place: Place, path: string, of: string): Place => {
    let looked: Place[] = [place];
    for (const name of path.split('.')) looked = looked.flatMap((one) => named(one, name, of));
    const unseen: Decision = looked.length === 0 ? 'identity' : 'clinical';
    const decision = looked.map(settled).reduce((sum, one) => worst(sum, one.decision), worst(place.decision, unseen));
    return { ...place, decision, partial: true };
  };

  const narrowed = (places: readonly Place[], text: string, of: string, own: boolean): Place[] | undefined => {
    if (leads.test(text) || /^(?:first|last)\(\)$/.test(text)) return places.map(partly);
    if (!own) return /^where\(/.test(text) ? places.map(partly) : undefined;
    const path = equality.exec(text)?.[1];
    return path === undefined ? undefined : places.map((place) => picked(place, path, of));
  };

  return (places, text, of, own) => {
    const name = /^([a-z]\w*)(?:\[\d+\])?$/.exec(text)?.[1];
    if (name !== undefined) return places.flatMap((place) => named(place, name, of));
    const type = /^(?:as|ofType)\((?:FHIR\.)?(\w+)\)$/.exec(text)?.[1];
    if (type !== undefined) return places.filter((place) => place.type.toLowerCase() === type.toLowerCase());
    const url = /^where\(url ?= ?'([^'\\]*)'\)$/.exec(text)?.[1];
    if (url !== undefined && places.every((place) => place.type === 'Extension')) {
      return places.map((place) => byUrl(place, url));
    }
    const direct = /^extension\('([^'\\]*)'\)$/.exec(text)?.[1];
    if (direct !== undefined) {
      return places.flatMap((place) => named(place, 'extension', of)).map((place) => byUrl(place, direct));
    }
    return narrowed(places, text, of, own);
  };
}

/**
 * Follows the paths of FHIRPath expressions through the definitions and asks the segment map at each step, and of what
 * a condition looks at. `own`: the expression is a tenant's own, which may be written to mislead: only shapes that are
 * known through and through are followed, and all else is identity. R4's own are written to be read.
 */
export function createEnds(
  map: SegmentMap = segmentMap,
): (expression: string, of: string, own?: boolean) => readonly End[] {
  const step = createSteps(map);

  const follow = (part: string, of: string, own: boolean): Place[] => {
    const asked = /^([\w.]+)\.exists\(\)(?: and \1 != false)?$/.exec(part)?.[1];
    if (asked !== undefined) return [at(part, 'boolean', shownThat(follow(asked, of, own)))];
    const [head = '', ...steps] = splitOutside(unwrapped(part), '.');
    if (!/^[A-Z%]/.test(head)) return [unknown(part)];
    if (![of, 'Resource', 'DomainResource', '%resource'].includes(head)) return elsewhere(part, head, own);
    let places: Place[] = [at(of, of, 'clinical')];
    for (const text of steps) {
      const next = step(places, text, of, own);
      // An element that the type has not, or a type above the one it has: the engine may still find something there.
      if (next === undefined || (own && next.length === 0)) return [unknown(part)];
      places = next;
    }
    return places.map(settled);
  };

  return (expression, of, own = false) => splitOutside(expression, '|').flatMap((part) => follow(part, of, own));
}
