import { bundle, type ElementSource, sorted } from './source.ts';
import { structures } from './types.ts';

/** key, whether it is an error (else a warning), R4's own words (CC0), FHIRPath. */
export type ConstraintRow = readonly [key: string, error: 0 | 1, human: string, expression: string];

interface ConstraintSource {
  readonly key: string;
  readonly severity: string;
  readonly human: string;
  readonly expression?: string;
}

type Constrained = Omit<ElementSource, 'type'> & {
  readonly constraint?: readonly ConstraintSource[];
  readonly type?: readonly { readonly code: string; readonly profile?: readonly string[] }[];
};

const row = ({ key, severity, human, expression }: ConstraintSource): ConstraintRow[] =>
  expression === undefined ? [] : [[key, severity === 'error' ? 1 : 0, human, expression]];

/** SimpleQuantity is a profile in R4, named as the type of elements: its one constraint belongs to each of them. */
const simple = 'http://hl7.org/fhir/StructureDefinition/SimpleQuantity';

function simpleQuantity(): ConstraintRow {
  const found = bundle('profiles-types.json', 'StructureDefinition')
    .filter((one) => one.name === 'SimpleQuantity')
    .flatMap((one) => one.differential.element as readonly Constrained[])
    .flatMap((element) => element.constraint ?? [])
    .flatMap(row)[0];
  if (found === undefined) throw new Error('no constraint in SimpleQuantity');
  return found;
}

function* rowsAt(element: Constrained, sqt: ConstraintRow): Generator<[string, ConstraintRow]> {
  for (const constraint of element.constraint ?? []) {
    // What is Element's own is repeated at some elements.
    if (constraint.key === 'ele-1' && element.path !== 'Element') continue;
    for (const one of row(constraint)) yield [element.path, one];
  }
  const choice = element.path.endsWith('[x]');
  const bound = element.type?.find((type) => type.profile?.includes(simple));
  if (bound) yield [choice ? element.path.replace('[x]', 'Quantity') : element.path, sqt];
}

/**
 * element path → the constraints that R4 states there: at a type (`Patient`, `Patient.contact`) or at one element of it
 * (`Organization.telecom`, `RiskAssessment.prediction.probability[x]`).
 */
export function constraintRows(): Record<string, ConstraintRow[]> {
  const sqt = simpleQuantity();
  const rows = structures()
    .flatMap((structure) => structure.differential.element as readonly Constrained[])
    .flatMap((element) => [...rowsAt(element, sqt)]);
  const byPath = Map.groupBy(rows, ([path]) => path);
  return sorted([...byPath].map(([path, found]) => [path, found.map(([, one]) => one)] as const));
}
