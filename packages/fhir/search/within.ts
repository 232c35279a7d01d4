import { type Path, readPaths, type Step } from './path.ts';
import type { Parameter } from './types.ts';

/** A parameter's paths as texts, and the type that all of its references must lead to, if there is one. */
interface Shape {
  readonly paths: ReadonlySet<string>;
  readonly only: string | undefined;
}

const isLeads = (step: Step | undefined): step is Extract<Step, { kind: 'leads' }> => step?.kind === 'leads';

function shapeOf(parameter: Parameter): Shape {
  const paths = readPaths(parameter.expression ?? '', parameter.of) ?? [];
  const led = new Set(paths.map(({ steps }) => (isLeads(steps.at(-1)) ? (steps.at(-1) as { type: string }).type : '')));
  const only = led.size === 1 && !led.has('') ? [...led][0] : undefined;
  const cut = (path: Path): Path => (only === undefined ? path : { ...path, steps: path.steps.slice(0, -1) });
  return { paths: new Set(paths.map((path) => JSON.stringify(cut(path)))), only };
}

/** Two parameters make the same values of the same element. */
const alike = (one: Parameter, other: Parameter): boolean =>
  one.type === other.type &&
  JSON.stringify(one.components?.map(({ parameter, expression }) => [parameter.type, expression])) ===
    JSON.stringify(other.components?.map(({ parameter, expression }) => [parameter.type, expression]));

const isSubset = (one: ReadonlySet<string>, of: ReadonlySet<string>): boolean => [...one].every((path) => of.has(path));

/** Whether a parameter whose paths are the same stands for itself: the one without `only`, else the first. */
const stands = (candidate: Shape & { number: number }, of: Shape & { number: number }): boolean =>
  candidate.only === undefined &&
  (of.only !== undefined || candidate.paths.size < of.paths.size || candidate.number < of.number);

/**
 * Finds the parameters whose values others hold already: `patient` (references of `subject` that lead to a Patient),
 * `combo-code` (`code` and `component-code`), a second name for the same path (`phonetic` for `name`).
 */
export function markWithin(all: readonly Parameter[]): readonly Parameter[] {
  const shaped = all.map((parameter) => ({ parameter, number: parameter.number, ...shapeOf(parameter) }));
  return shaped.map((one) => {
    const only = one.only === undefined ? {} : { only: one.only };
    const parts = shaped.filter(
      (other) =>
        other !== one &&
        other.paths.size > 0 &&
        alike(other.parameter, one.parameter) &&
        isSubset(other.paths, one.paths) &&
        stands(other, one),
    );
    const covered = new Set(parts.flatMap(({ paths }) => [...paths]));
    if (one.paths.size === 0 || !isSubset(one.paths, covered)) return { ...one.parameter, ...only };
    return { ...one.parameter, ...only, within: parts.map(({ parameter }) => parameter.code) };
  });
}
