import { type ElementDefinition, typeDefinition } from '@safeguard/fhir';
import type { Rule } from '../../policy/types.ts';
import type { Path, Report } from './issues.ts';

/** What makes a resource addressable, and its rules readable: never hidden, never kept from being written. */
const own: ReadonlySet<string> = new Set(['id', 'meta', 'implicitRules', 'resourceType']);

/** An element by FHIR's name: `deceased` for all of deceasedBoolean and deceasedDateTime. */
function elementOf(type: string, name: string): readonly ElementDefinition[] {
  const elements = typeDefinition(type)?.elements.values() ?? [];
  return [...elements].filter((element) => element.name === name);
}

/** The definitions at the end of a path, along all types that lie on it; none: there is no such path. */
function walk(type: string, steps: readonly string[]): readonly ElementDefinition[] {
  const [step = '', ...rest] = steps;
  const found = elementOf(type, step);
  if (rest.length === 0) return found;
  return found.flatMap((element) => element.types.flatMap((each) => walk(each, rest)));
}

const steps_most = 6;

/** Whether every path of `hide` and `readonly` is there, on a type that the rule is about. */
export function checkElements(rule: Rule, types: ReadonlySet<string>, path: Path, report: Report): void {
  for (const field of ['hide', 'readonly'] as const) {
    for (const [index, text] of (rule[field] ?? []).entries()) {
      const [type = '', ...steps] = text.split('.');
      const at = [...path, field, index];
      if (!types.has(type) || steps.length === 0 || steps.length > steps_most || own.has(steps[0] ?? '')) {
        report('element', at);
        continue;
      }
      const found = walk(type, steps);
      if (found.length === 0) report('element', at);
      else if (field === 'hide' && found.some(({ min }) => min > 0)) report('element-needed', at);
    }
  }
}
