import { type Rule, type SegmentMap, segmentMap } from './segment-map.ts';
import { definitional, publishers, shown } from './shown.ts';

/** `identity`: lifted. `clinical`: stays and may be shown. `text`: stays, and is masked in every view but `full`. */
export type Decision = 'identity' | 'clinical' | 'text';

/** The primitive datatypes that can hold words or numbers of somebody's choice. */
export const worded: ReadonlySet<string> = new Set([
  ...['string', 'markdown', 'xhtml', 'base64Binary', 'url', 'uri', 'oid', 'uuid', 'id'],
]);

/** Elements of every resource and element that are shown (`id`: of resources only, see the README). */
const everywhere: ReadonlySet<string> = new Set(['id', 'implicitRules']);
const onList: ReadonlySet<string> = new Set(shown.flatMap((entry) => entry.at));
const definitionalTypes: ReadonlySet<string> = new Set(definitional);
const publisherElements: ReadonlySet<string> = new Set(publishers);

const rootOf = (owner: string): string => owner.split('.', 1)[0] ?? owner;

/** Words of its own kind of resource, which is about nobody: shown in every view. */
export const isDefinitional = (owner: string): boolean => definitionalTypes.has(rootOf(owner));

function staysReadable(owner: string, name: string): boolean {
  if (everywhere.has(name) || onList.has(`${owner}.${name}`)) return true;
  return isDefinitional(owner) && !publisherElements.has(name);
}

/** `owner`: the type that has the element, by its key in the definitions (`Patient.contact`). `type`: its datatype. */
export type Decide = (owner: string, name: string, type: string) => Decision;

/** The map as one pure question. Worded elements on no list are `text`: forgetting one masks it. */
export function createDecide(map: SegmentMap = segmentMap): Decide {
  const rules = new Set([...map.types, ...map.paths].map((rule: Rule) => rule.at));
  return (owner, name, type) => {
    if (rules.has(type) || rules.has(`${owner}.${name}`)) return 'identity';
    if (!worded.has(type) || staysReadable(owner, name)) return 'clinical';
    return 'text';
  };
}
