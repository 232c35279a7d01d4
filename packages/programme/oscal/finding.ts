import type { Waiver } from '../decisions/types.ts';
import type { CheckState, ControlState, StateName } from '../posture/types.ts';
import { controlIdAt } from './catalog-read.ts';
import { at, type Cursor, stringAt, textAt, unfit } from './cursor.ts';
import { type JsonObject, node } from './json.ts';
import { line, text } from './markup.ts';
import { controlOf, statementToken, uuidOf } from './names.ts';
import { observationUuid } from './observation.ts';
import { statementUuid } from './plan.ts';
import { classed, formed, maybe, moments, oneOf, record, word } from './props.ts';
import { findingStatus, implementationStatus, stateNames, waiverFacts, waiverOf } from './standing.ts';

/** How a check stood at the moment of the posture; `evidence` is an id. */
export interface FoundCheck extends Omit<CheckState, 'evidence'> {
  readonly evidence?: string;
}
/** How a control stood. */
export interface FoundControl {
  readonly control: string;
  readonly title: string;
  readonly state: StateName;
  readonly because: string;
  readonly checks: readonly FoundCheck[];
  readonly specifications: ControlState['specifications'];
  /** Id of the decision on it. */
  readonly decision?: string;
  readonly waiver?: Waiver;
}

const states = classed('check-state');
const titles = classed('check-title');
const fresh = classed('check-fresh-until');
const evidences = classed('check-evidence');
const specifications = classed('specification-state');
const facts = record({
  state: oneOf('state', stateNames),
  decision: maybe(word('decision')),
  waiver: maybe(waiverFacts),
});

export function foundControl({ control, checks, decision, waiver, ...one }: ControlState): FoundControl {
  return {
    ...{ control: control.id, title: control.title, state: one.state, because: one.because },
    checks: checks.map(({ evidence, ...check }) => ({
      ...check,
      ...(evidence === undefined ? {} : { evidence: evidence.evidence.id }),
    })),
    specifications: one.specifications,
    ...(decision === undefined ? {} : { decision: decision.id }),
    ...(waiver === undefined ? {} : { waiver }),
  };
}

const checkProps = (checks: readonly FoundCheck[]): JsonObject[] => [
  ...states.write(checks.map(({ check: of, state: value, because: note }) => ({ of, value, note }))),
  ...titles.write(checks.map(({ check: of, title: value }) => ({ of, value }))),
  ...fresh.write(
    checks.flatMap(({ check: of, fresh_until }) =>
      fresh_until === undefined ? [] : [{ of, value: moments.to(fresh_until) }],
    ),
  ),
  ...evidences.write(checks.flatMap(({ check: of, evidence: value }) => (value === undefined ? [] : [{ of, value }]))),
];

export const findingUuid = (organization: string, control: string): string => uuidOf('finding', organization, control);

/** @param known ids of the evidence that the document has */
export function finding(organization: string, known: ReadonlySet<string>, one: FoundControl): JsonObject {
  const related = one.checks.flatMap(({ evidence }) =>
    evidence !== undefined && known.has(evidence) ? [{ 'observation-uuid': observationUuid(evidence) }] : [],
  );
  return node({
    uuid: findingUuid(organization, one.control),
    title: line(one.title),
    description: text(one.because),
    props: [
      ...facts.write(one),
      ...checkProps(one.checks),
      ...specifications.write(one.specifications.map(({ id: of, state: value }) => ({ of: `cfr-${of}`, value }))),
    ],
    target: {
      type: 'statement-id',
      'target-id': statementToken(one.control),
      status: findingStatus(one.state),
      'implementation-status': { state: implementationStatus(one.state) },
    },
    'implementation-statement-uuid': statementUuid(organization, one.control),
    'related-observations': related,
  });
}

const stateOf = (value: string, of: Cursor): StateName => {
  const found = stateNames.find((name) => name === value);
  if (found === undefined) throw unfit(of, 'a state');
  return found;
};

function readChecks(of: Cursor): FoundCheck[] {
  const by = (field: typeof states): Map<string, string> => new Map(field.read(of).map((one) => [one.of, one.value]));
  const [named, until, known] = [by(titles), by(fresh), by(evidences)];
  return states.read(of).map(({ of: check, value, note }) => {
    const state = stateOf(value, of);
    if (state !== 'met' && state !== 'unmet' && state !== 'unknown')
      throw unfit(at(of, 'props'), 'the state of a check');
    const ends = until.get(check);
    const evidence = known.get(check);
    return {
      ...{ check, title: named.get(check) ?? '', state, because: note ?? '' },
      ...(ends === undefined ? {} : { fresh_until: formed(moments, { value: ends, pointer: `${of.pointer}/props` }) }),
      ...(evidence === undefined ? {} : { evidence }),
    };
  });
}

/** What a finding was made of. */
export function readFinding(of: Cursor): FoundControl {
  const target = at(of, 'target', 'target-id');
  const control = controlIdAt({ value: stringAt(target).replace(/_stmt$/, ''), pointer: target.pointer });
  const { state, waiver, ...rest } = facts.read(of);
  return {
    ...{ control, title: textAt(of, 'title'), state, because: textAt(of, 'description') },
    checks: readChecks(of),
    specifications: specifications.read(of).map((one) => {
      const id = controlOf(one.of);
      if (id === undefined) throw unfit(at(of, 'props'), 'the id of a specification');
      return { id, state: stateOf(one.value, at(of, 'props')) };
    }),
    ...rest,
    ...waiverOf(control, waiver),
  };
}
