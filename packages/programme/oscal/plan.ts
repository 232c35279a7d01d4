import { componentUuid, titleOf, typeOf } from './component.ts';
import { besides, hrefOf, metadata, sealed } from './head.ts';
import type { SystemRole } from './input.ts';
import { type JsonObject, node } from './json.ts';
import { line, paragraphs, template, text } from './markup.ts';
import { controlToken, statementToken, uuidOf } from './names.ts';
import { exported } from './plan-exports.ts';
import type { PlanControl, PlanModel, PlanSetting } from './plan-model.ts';
import { setParameters } from './profile.ts';
import { type Classed, classed, maybe, moment, record, words } from './props.ts';
import { decisionFacts, implementationStatus, stateFacts, waiverFacts } from './standing.ts';
import { toValue } from './values.ts';

export const systemFacts = record({
  at: moment('states-of'),
  lines: words('product-line'),
  conditions: words('condition'),
});
/** `setting-source` and `setting-running`, by parameter. */
export const sources = classed('setting-source');
export const running = classed('setting-running');
export const planFacts = record({
  state: stateFacts,
  policies: words('policy'),
  checks: words('check'),
  decision: maybe(decisionFacts),
  waiver: maybe(waiverFacts),
});

export const systemUuid = (organization: string): string => uuidOf('system', organization);
/** A component as it runs at this organization. */
export const systemComponent = (organization: string, name: string): string =>
  uuidOf('system-component', organization, name);
export const thisSystem = 'this-system';

const runningOf = ({ parameter, running: value }: PlanSetting): Classed[] =>
  value === undefined ? [] : [{ of: parameter, value }];

const boundary =
  'The server, its database segments, the log, and the keys that it holds. Hosts, networks, the database software, ' +
  'and the tools beside it (backups, scanners, intrusion detection) are outside: of these only receipts are read.';

const characteristics = (model: PlanModel): JsonObject =>
  node({
    'system-ids': [{ 'identifier-type': 'http://ietf.org/rfc/rfc4122', id: systemUuid(model.head.organization.name) }],
    'system-name': toValue(`Safeguard at ${model.head.organization.name}`),
    description: text(
      'An interface over health records in FHIR, with identity, access control and a tamper-evident log.',
    ),
    props: [
      ...systemFacts.write(model),
      ...sources.write(model.settings.map(({ parameter, source }) => ({ of: parameter, value: source }))),
      ...running.write(model.settings.flatMap(runningOf)),
    ],
    'system-information': {
      'information-types': [
        {
          uuid: uuidOf('information', 'ephi'),
          title: 'Electronic protected health information',
          description: text('Health records of individuals, as 45 CFR 160.103 defines them.'),
        },
      ],
    },
    status: { state: 'operational', remarks: text('This plan was made by the running platform itself.') },
    'authorization-boundary': { description: text(boundary) },
    remarks: text('Impact levels are not stated: HIPAA knows none, and nobody has categorized this system.'),
  });

export const userOf = (organization: string, { id, title, does }: SystemRole): JsonObject => ({
  uuid: uuidOf('system-user', organization, id),
  title: line(title),
  'role-ids': [id],
  'authorized-privileges': [{ title: line(title), 'functions-performed': does.map(toValue) }],
});
export const roleOf = ({ id, title }: SystemRole): JsonObject => ({ id, title: line(title) });

function component(organization: string, name: string): JsonObject {
  const isWhole = name === thisSystem;
  const of = isWhole ? 'safeguard' : name;
  return {
    uuid: systemComponent(organization, name),
    type: isWhole ? thisSystem : typeOf(of),
    title: line(titleOf(of)),
    description: line(`${titleOf(of)}.`),
    links: [{ href: `component-definition#${componentUuid(of)}`, rel: 'defined-by' }],
    status: { state: 'operational' },
  };
}

/** Names of the components of a plan: the whole first. */
const namesOf = ({ controls }: PlanModel): string[] => [
  thisSystem,
  ...new Set(controls.flatMap(({ does }) => does.map((one) => one.package))),
];

export const statementUuid = (organization: string, control: string): string =>
  uuidOf('plan-statement', organization, control);

function requirement(organization: string, one: PlanControl): JsonObject {
  const { id, state, because, does, carried, decision } = one;
  const status = { state: implementationStatus(state, decision), remarks: text(because) };
  const uuid = (...of: readonly string[]): string => uuidOf('plan-part', organization, id, ...of);
  const asWhole = node({
    'component-uuid': systemComponent(organization, thisSystem),
    uuid: uuid(thisSystem),
    description: template(one.approach),
    'implementation-status': status,
    export: carried.length === 0 ? undefined : exported(organization, id, carried),
  });
  const parts = does.map(({ package: name, texts }) => ({
    'component-uuid': systemComponent(organization, name),
    uuid: uuid(name),
    description: paragraphs(texts),
  }));
  return node({
    uuid: uuid('requirement'),
    'control-id': controlToken(id),
    props: planFacts.write({ ...one, state: { state, because } }),
    statements: [
      {
        'statement-id': statementToken(id),
        uuid: statementUuid(organization, id),
        'by-components': [asWhole, ...parts],
      },
    ],
  });
}

export function writePlan(model: PlanModel): JsonObject {
  const { head, roles, values, controls } = model;
  const { name } = head.organization;
  return sealed(
    'system-security-plan',
    node({
      metadata: metadata(head, { title: `Security plan: Safeguard at ${name}`, roles: roles.map(roleOf) }),
      'import-profile': { href: hrefOf('profile') },
      'system-characteristics': characteristics(model),
      'system-implementation': {
        users: roles.map((role) => userOf(name, role)),
        components: namesOf(model).map((one) => component(name, one)),
      },
      'control-implementation': node({
        description: text('States are computed from evidence; nothing sets them.'),
        'set-parameters': setParameters(values),
        'implemented-requirements': controls.map((one) => requirement(name, one)),
      }),
      'back-matter': { resources: [besides('profile', 'The profile of the house')] },
    }),
  );
}
