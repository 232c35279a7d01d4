import type { PlacedEvidence } from '../checks/types.ts';
import type { Waiver } from '../decisions/types.ts';
import type { StateName } from '../posture/types.ts';
import { type FoundControl, finding, foundControl } from './finding.ts';
import { besides, type Head, hrefOf, metadata, sealed } from './head.ts';
import type { OscalInput } from './input.ts';
import { headOf, needed } from './input-parts.ts';
import { type JsonObject, node } from './json.ts';
import { line, text } from './markup.ts';
import { controlToken, uuidOf } from './names.ts';
import { observation, observationUuid } from './observation.ts';
import { systemComponent, systemUuid, thisSystem } from './plan.ts';
import { moment, moments, property, record, words } from './props.ts';

export interface OpenItemsModel {
  readonly head: Head;
  /** The moment that the states are of. */
  readonly at: number;
  readonly forged: readonly string[];
  /** Controls that are not met and not merely documented: unmet, unknown or undocumented. */
  readonly open: readonly FoundControl[];
  /** Of the checks that they fail by. */
  readonly evidence: readonly PlacedEvidence[];
}

export const openStates: readonly StateName[] = ['unmet', 'unknown', 'undocumented'];
export const openFacts = record({ at: moment('states-of'), forged: words('forged-row') });

const risk = (organization: string, control: string): string => uuidOf('risk', organization, control);

/** Who answers for it until when: the risk stays open all the same. */
function waived(waiver: Waiver | undefined): Readonly<Record<string, JsonObject | string>> {
  if (waiver === undefined) return {};
  const entry = {
    uuid: uuidOf('waiver', waiver.id),
    title: 'Somebody answers for it',
    description: text(waiver.why),
    start: moments.to(waiver.from),
    end: moments.to(waiver.ended_at ?? waiver.until),
    props: [property('waiver', waiver.id), property('waiver-owner', waiver.owner)],
  };
  return { deadline: moments.to(waiver.ended_at ?? waiver.until), 'risk-log': { entries: [entry] } };
}

type Known = ReadonlyMap<string, PlacedEvidence>;

const failing = ({ checks }: FoundControl) => checks.filter(({ state }) => state !== 'met');
const observationsOf = (one: FoundControl, known: Known): JsonObject[] =>
  failing(one).flatMap(({ evidence = '' }) =>
    known.has(evidence) ? [{ 'observation-uuid': observationUuid(evidence) }] : [],
  );

function remediations(organization: string, one: FoundControl, known: Known): JsonObject[] {
  return failing(one).flatMap(({ check, title, evidence = '' }) => {
    const todo = known.get(evidence)?.evidence.todo;
    if (todo === undefined) return [];
    const uuid = uuidOf('remediation', organization, one.control, check);
    return [{ uuid, lifecycle: 'recommendation', title: line(title), description: text(todo) }];
  });
}

const riskOf = (organization: string, one: FoundControl, known: Known): JsonObject =>
  node({
    uuid: risk(organization, one.control),
    title: line(one.title),
    description: text(one.because),
    statement: text('The requirement is not borne out by evidence.'),
    status: 'open',
    ...waived(one.waiver),
    remediations: remediations(organization, one, known),
    'related-observations': observationsOf(one, known),
  });

const item = (organization: string, one: FoundControl, known: Known): JsonObject =>
  node({
    uuid: uuidOf('open-item', organization, one.control),
    title: line(one.title),
    description: text(one.because),
    props: [property('control', controlToken(one.control)), property('state', one.state)],
    origins: [{ actors: [{ type: 'tool', 'actor-uuid': systemComponent(organization, thisSystem) }] }],
    'related-findings': [{ 'finding-uuid': uuidOf('finding', organization, one.control) }],
    'related-observations': observationsOf(one, known),
    'related-risks': [{ 'risk-uuid': risk(organization, one.control) }],
  });

/** OSCAL wants one item at least. */
const none = (organization: string): JsonObject => ({
  uuid: uuidOf('open-item', organization, 'none'),
  title: 'Nothing is open',
  description: text('No control was unmet, unknown or undocumented at this moment.'),
  props: [property('none', 'yes')],
});

export function writeOpenItems(model: OpenItemsModel): JsonObject {
  const { head, open, evidence } = model;
  const { name } = head.organization;
  const known = new Map(evidence.map((one) => [one.evidence.id, one]));
  return sealed(
    'plan-of-action-and-milestones',
    node({
      metadata: metadata(head, {
        title: `Plan of action: Safeguard at ${name}`,
        remarks: 'A waiver says who answers until when. It closes nothing.',
      }),
      'import-ssp': { href: hrefOf('system-security-plan') },
      'system-id': { 'identifier-type': 'http://ietf.org/rfc/rfc4122', id: systemUuid(name) },
      'local-definitions': {
        components: [
          {
            uuid: systemComponent(name, thisSystem),
            type: thisSystem,
            title: 'Safeguard as a whole',
            description: text('It tries and examines itself.'),
            props: openFacts.write(model),
            status: { state: 'operational' },
          },
        ],
      },
      observations: evidence.map((one) => observation(name, one)),
      risks: open.map((one) => riskOf(name, one, known)),
      findings: open.map((one) => finding(name, new Set(known.keys()), one)),
      'poam-items': open.length === 0 ? [none(name)] : open.map((one) => item(name, one, known)),
      'back-matter': { resources: [besides('system-security-plan', 'The plan of the platform')] },
    }),
  );
}

export function openItemsOf(input: OscalInput): OpenItemsModel {
  const { at, controls, forged } = needed(input.posture, 'posture');
  const open = controls.filter(({ state }) => openStates.includes(state));
  const failed = open.flatMap(({ checks }) => checks.filter(({ state }) => state !== 'met'));
  const placed = failed.flatMap(({ evidence }) => (evidence === undefined ? [] : [evidence]));
  const evidence = new Map(placed.map((one) => [one.evidence.id, one]));
  return { head: headOf(input), at, forged, open: open.map(foundControl), evidence: [...evidence.values()] };
}
