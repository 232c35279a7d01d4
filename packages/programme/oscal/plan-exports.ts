import type { CarriedLine } from './carried.ts';
import { carriedLines } from './carried.ts';
import { type JsonObject, node } from './json.ts';
import { text } from './markup.ts';
import { uuidOf } from './names.ts';
import { property } from './props.ts';

/** What a customer inherits, and what is left to them, by control and product line: their plans name these UUIDs. */
export const providedUuid = (organization: string, control: string, line: string): string =>
  uuidOf('provided', organization, control, line);
export const responsibilityUuid = (organization: string, control: string, line: string): string =>
  uuidOf('responsibility', organization, control, line);

export const isProvided = ({ by }: CarriedLine): boolean => by === 'platform' || by === 'shared';
export const leavesSomething = ({ by, with: needed }: CarriedLine): boolean =>
  by === 'shared' || by === 'customer' || needed !== undefined;

/** What is left to the customer, in words. */
export function leftOf({ by, customer, with: needed }: CarriedLine): string {
  if (customer !== undefined) return customer;
  if (by === 'customer') return 'This is carried by the customer.';
  return needed === undefined ? 'A part is left to the customer.' : 'Without these services the customer carries it.';
}

const services = ({ with: needed = [] }: CarriedLine): JsonObject[] =>
  needed.map((service) => property('service', service));

const offered = (one: CarriedLine): string => {
  const how = one.by === 'shared' ? 'carries its part of this' : 'carries this';
  const needing = one.with === undefined ? '' : `, with these services alone: ${one.with.join(', ')}`;
  return `The platform ${how} for customers of the line ${one.line}${needing}.`;
};

/** The part of a plan that customers inherit from. */
export function exported(organization: string, control: string, carried: readonly CarriedLine[]): JsonObject {
  const provided = carried.filter(isProvided).map((one) =>
    node({
      uuid: providedUuid(organization, control, one.line),
      description: text(offered(one)),
      props: [property('line', one.line), ...services(one)],
    }),
  );
  const responsibilities = carried.filter(leavesSomething).map((one) =>
    node({
      uuid: responsibilityUuid(organization, control, one.line),
      'provided-uuid': isProvided(one) ? providedUuid(organization, control, one.line) : undefined,
      description: text(leftOf(one)),
      props: [property('line', one.line), ...services(one)],
    }),
  );
  return node({ props: carriedLines.write(carried), provided, responsibilities });
}
