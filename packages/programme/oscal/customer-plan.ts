import { fault } from '@safeguard/kernel';
import type { Carrier } from '../content/types.ts';
import type { ControlState } from '../posture/types.ts';
import { type CarriedLine, carrierFor, linesOf } from './carried.ts';
import { besides, type Head, hrefOf, metadata, organizationUuid, sealed } from './head.ts';
import type { Customer, OscalInput } from './input.ts';
import { headOf, needed } from './input-parts.ts';
import { type JsonObject, node } from './json.ts';
import { line, text } from './markup.ts';
import { controlToken, statementToken, uuidOf } from './names.ts';
import { roleOf, systemComponent, systemUuid, thisSystem, userOf } from './plan.ts';
import { isProvided, leavesSomething, leftOf, providedUuid, responsibilityUuid } from './plan-exports.ts';
import { houseRoles } from './plan-model.ts';
import { property, words } from './props.ts';
import { toValue } from './values.ts';

/** A line of a control, with who carries it for this customer and these services. */
interface Share extends CarriedLine {
  readonly effective: Carrier;
}

const plansOf = {
  house: 'system-security-plan',
  title: 'The plan of the platform, which this one leverages',
};

const uuidFor =
  ({ id }: Customer) =>
  (...of: readonly string[]): string =>
    uuidOf('customer-plan', id, ...of);

const inherits = ({ effective }: Share): boolean => effective === 'platform' || effective === 'shared';
const owes = (one: Share): boolean => one.effective === 'shared' || one.effective === 'customer';

function inherited(head: Head, customer: Customer, control: string, shares: readonly Share[]): JsonObject[] {
  return shares
    .filter((one) => inherits(one) && isProvided(one))
    .map((one) =>
      node({
        uuid: uuidFor(customer)('inherited', control, one.line),
        'provided-uuid': providedUuid(head.organization.name, control, one.line),
        description: text(`Inherited from the platform by the line ${one.line}.`),
        props: [property('line', one.line), property('carried-by', one.effective)],
      }),
    );
}

/** Only what the customer has answered is called satisfied; the rest stays an open responsibility. */
function satisfied(head: Head, customer: Customer, control: string, shares: readonly Share[]): JsonObject[] {
  const answer = customer.answers?.get(control);
  if (answer === undefined) return [];
  return shares
    .filter((one) => owes(one) && leavesSomething(one))
    .map((one) =>
      node({
        uuid: uuidFor(customer)('satisfied', control, one.line),
        'responsibility-uuid': responsibilityUuid(head.organization.name, control, one.line),
        description: text(answer),
        props: [property('line', one.line)],
      }),
    );
}

/** What the customer has to say: by one component, their own system. */
function own(customer: Customer, control: string, owed: readonly Share[]): JsonObject {
  const answer = customer.answers?.get(control);
  const left = [...new Set(owed.map(leftOf))].join('\n');
  const state = answer === undefined ? 'planned' : 'implemented';
  const nothing = 'Nothing is left to the customer here.';
  return {
    'component-uuid': uuidFor(customer)('component', thisSystem),
    uuid: uuidFor(customer)('by-component', control, thisSystem),
    description: text(
      owed.length === 0 ? nothing : (answer ?? `Not described by the customer yet. Left to them: ${left}`),
    ),
    'implementation-status': {
      state: owed.length === 0 ? 'not-applicable' : state,
      remarks: text(answer === undefined ? left || nothing : 'As the customer says; Safeguard has not examined it.'),
    },
  };
}

function requirement(head: Head, customer: Customer, { control, state, because }: ControlState): JsonObject {
  const lines = customer.lines;
  const shares = linesOf(control.carried, lines).map((one) => ({
    ...one,
    effective: carrierFor(one, customer.services),
  }));
  const uuid = uuidFor(customer);
  const leveraged = node({
    'component-uuid': uuid('component', 'leveraged'),
    uuid: uuid('by-component', control.id, 'leveraged'),
    description: text(`The platform's state of this control is: ${state}. ${because}`),
    inherited: inherited(head, customer, control.id, shares),
    satisfied: satisfied(head, customer, control.id, shares),
  });
  return node({
    uuid: uuid('requirement', control.id),
    'control-id': controlToken(control.id),
    props: [
      property('platform-state', state),
      ...shares.map((one) => property('carried-by', one.effective, { class: one.line })),
    ],
    statements: [
      {
        'statement-id': statementToken(control.id),
        uuid: uuid('statement', control.id),
        'by-components': [own(customer, control.id, shares.filter(owes)), leveraged],
      },
    ],
  });
}

function components(head: Head, customer: Customer): JsonObject[] {
  const uuid = uuidFor(customer);
  const { name } = head.organization;
  return [
    {
      uuid: uuid('component', thisSystem),
      type: thisSystem,
      title: line(`The systems of ${customer.name}`),
      description: text('What the customer runs itself. Described by the customer.'),
      status: { state: 'other', remarks: text('Not known to the platform.') },
    },
    {
      uuid: uuid('component', 'leveraged'),
      type: 'system',
      title: line(`Safeguard at ${name}`),
      description: text('The platform that is leveraged.'),
      props: [
        { name: 'implementation-point', value: 'external' },
        { name: 'leveraged-authorization-uuid', value: uuid('authorization') },
        { name: 'inherited-uuid', value: systemComponent(name, thisSystem) },
      ],
      status: { state: 'operational' },
    },
  ];
}

const characteristics = (head: Head, customer: Customer): JsonObject =>
  node({
    'system-ids': [{ 'identifier-type': 'http://ietf.org/rfc/rfc4122', id: uuidFor(customer)('system') }],
    'system-name': toValue(`The systems of ${customer.name} on Safeguard`),
    description: text(`A system that leverages Safeguard at ${head.organization.name}. A draft for the customer.`),
    props: [...words('product-line').write(customer.lines), ...words('service').write(customer.services)],
    'system-information': {
      'information-types': [
        {
          uuid: uuidOf('information', 'ephi'),
          title: 'Electronic protected health information',
          description: text('Health records of individuals, as 45 CFR 160.103 defines them.'),
        },
      ],
    },
    status: { state: 'other', remarks: text('Not known to the platform.') },
    'authorization-boundary': { description: text('To be described by the customer.') },
  });

const implementation = (head: Head, customer: Customer): JsonObject => ({
  'leveraged-authorizations': [
    {
      uuid: uuidFor(customer)('authorization'),
      title: line(`Safeguard at ${head.organization.name}`),
      props: [property('system', systemUuid(head.organization.name))],
      links: [{ href: hrefOf(plansOf.house), rel: 'leveraged-system-security-plan' }],
      'party-uuid': organizationUuid(head),
      'date-authorized': customer.since,
    },
  ],
  users: houseRoles.map((role) => userOf(customer.id, role)),
  components: components(head, customer),
});

/** The plan of one customer: what they inherit, what is left to them, and what they say of that. */
export function writeCustomerPlan(input: OscalInput): JsonObject {
  const head = headOf(input);
  const customer = needed(input.customer, 'customer');
  const { controls } = needed(input.posture, 'posture');
  const isRun =
    customer.lines.length > 0 && customer.lines.every((one) => input.content.organization.lines.includes(one));
  if (!isRun) throw fault('invalid', 'A customer has product lines that are run, one at least.');
  return sealed(
    'system-security-plan',
    node({
      metadata: metadata(head, {
        title: `Security plan: ${customer.name}, leveraging Safeguard`,
        markers: ['draft for the customer'],
        roles: houseRoles.map(roleOf),
        parties: [{ uuid: uuidFor(customer)('party'), type: 'organization', name: toValue(customer.name) }],
      }),
      'import-profile': { href: hrefOf('profile') },
      'system-characteristics': characteristics(head, customer),
      'system-implementation': implementation(head, customer),
      'control-implementation': {
        description: text('Inherited from the platform, shared with it, or left to the customer.'),
        'implemented-requirements': controls.map((one) => requirement(head, customer, one)),
      },
      'back-matter': {
        resources: [besides('profile', 'The profile of the house'), besides(plansOf.house, plansOf.title)],
      },
    }),
  );
}
