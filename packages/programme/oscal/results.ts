import { fault } from '@safeguard/kernel';
import type { PlacedEvidence } from '../checks/types.ts';
import { type FoundControl, finding, foundControl } from './finding.ts';
import { besides, type Head, hrefOf, metadata, sealed } from './head.ts';
import type { CheckFacts, OscalInput } from './input.ts';
import { headOf, needed } from './input-parts.ts';
import { type JsonObject, node } from './json.ts';
import { line, text } from './markup.ts';
import { controlToken, uuidOf } from './names.ts';
import { observation } from './observation.ts';
import { systemComponent, thisSystem } from './plan.ts';
import { maybe, moment, moments, number, oneOf, record, word, words } from './props.ts';

export interface ResultsModel {
  readonly head: Head;
  /** [from, until) of the evidence; milliseconds since the Unix epoch. */
  readonly from: number;
  readonly until: number;
  /** The moment that the states are of. */
  readonly at: number;
  readonly forged: readonly string[];
  readonly checks: readonly CheckFacts[];
  readonly evidence: readonly PlacedEvidence[];
  readonly controls: readonly FoundControl[];
}

/** More than this are no document: take a shorter period. */
export const most_observations = 10_000;

export const activityFacts = record({
  id: word('check'),
  every_s: number('every-s'),
  kind: maybe(oneOf('kind', ['performed', 'reported'])),
});
export const resultFacts = record({ at: moment('states-of'), forged: words('forged-row') });

const activity = (one: CheckFacts): JsonObject =>
  node({
    uuid: uuidOf('check', one.id),
    title: line(one.title),
    description: text(one.query),
    props: activityFacts.write(one),
  });

/** Without a separate plan: what was tried, and how often, stands in the document itself. */
const plan: JsonObject = {
  uuid: uuidOf('resource', 'assessment-plan'),
  title: 'Assessment plan',
  description: text('There is no separate plan: each check is an activity of this document, with its interval.'),
};

function result(model: ResultsModel): JsonObject {
  const { head, from, until, evidence, controls } = model;
  const { name } = head.organization;
  const known = new Set(evidence.map((one) => one.evidence.id));
  return node({
    uuid: uuidOf('result', name, String(from), String(until)),
    title: 'Continuous assessment by the platform itself',
    description: text(
      'Observations are the evidence of the period; findings are states at one moment, computed from it.',
    ),
    start: moments.to(from),
    end: moments.to(until),
    props: resultFacts.write(model),
    'local-definitions': {
      components: [
        {
          uuid: systemComponent(name, thisSystem),
          type: thisSystem,
          title: 'Safeguard as a whole',
          description: text('It tries and examines itself; nobody else has assessed anything here.'),
          status: { state: 'operational' },
        },
      ],
    },
    'reviewed-controls': {
      'control-selections': [
        { 'include-controls': controls.map(({ control }) => ({ 'control-id': controlToken(control) })) },
      ],
    },
    observations: evidence.map((one) => observation(name, one)),
    findings: controls.map((one) => finding(name, known, one)),
  });
}

export function writeResults(model: ResultsModel): JsonObject {
  const { head, checks } = model;
  return sealed(
    'assessment-results',
    node({
      metadata: metadata(head, {
        title: `Assessment results: Safeguard at ${head.organization.name}`,
        remarks:
          'A control is satisfied only where fresh evidence bears it out. What rests on documents alone is not: its ' +
          'state says so, and an assessor has to judge it. No authority certifies compliance with HIPAA.',
      }),
      'import-ap': { href: hrefOf('assessment-plan') },
      'local-definitions': checks.length === 0 ? undefined : { activities: checks.map(activity) },
      results: [result(model)],
      'back-matter': { resources: [plan, besides('system-security-plan', 'The plan of the platform')] },
    }),
  );
}

export function resultsOf(input: OscalInput): ResultsModel {
  const { at, controls, forged } = needed(input.posture, 'posture');
  const { from, until, evidence } = needed(input.period, 'period');
  if (evidence.length > most_observations) throw fault('tooLarge', 'Too much evidence: take a shorter period.');
  const checks = [...needed(input.checks, 'checks').values()].map(
    ({ id, title, query, every_s, kind }): CheckFacts => ({
      ...{ id, title, query, every_s },
      ...(kind === undefined ? {} : { kind }),
    }),
  );
  return { head: headOf(input), from, until, at, forged, checks, evidence, controls: controls.map(foundControl) };
}
