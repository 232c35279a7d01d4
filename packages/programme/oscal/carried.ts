import {
  type Carried,
  type Carrier,
  type ProductLine,
  productLines,
  type Service,
  services,
} from '../content/types.ts';
import { at, type Cursor, unfit } from './cursor.ts';
import { type Classed, classed, type Field } from './props.ts';

/** Who carries a control, for one product line. */
export interface CarriedLine extends Carried {
  readonly line: ProductLine;
}

const carriers: readonly Carrier[] = ['platform', 'shared', 'customer', 'not-applicable'];
const by = classed('carried-by');
const needing = classed('carried-with');

function among<W extends string>(words: readonly W[], given: string, where: Cursor): W {
  const found = words.find((word) => word === given);
  if (found !== undefined) return found;
  throw unfit(at(where, 'props'), `one of ${words.join(', ')}`);
}

const lineOf = ({ of, value, note }: Classed, all: readonly Classed[], where: Cursor): CarriedLine => {
  const needed = all.filter((one) => one.of === of).map((one) => among(services, one.value, where));
  return {
    line: among(productLines, of, where),
    by: among(carriers, value, where),
    ...(needed.length === 0 ? {} : { with: needed }),
    ...(note === undefined ? {} : { customer: note }),
  };
};

/** Lines as properties: `carried-by` with the customer's part in remarks, `carried-with` for each service. */
export const carriedLines: Field<readonly CarriedLine[]> = {
  names: by.names,
  write: (lines) => [
    ...by.write(
      lines.map(({ line: of, by: value, customer }) => ({
        of,
        value,
        ...(customer === undefined ? {} : { note: customer }),
      })),
    ),
    ...needing.write(lines.flatMap((one) => (one.with ?? []).map((value) => ({ of: one.line, value })))),
  ],
  read: (cursor) => by.read(cursor).map((one) => lineOf(one, needing.read(cursor), cursor)),
};

export const linesOf = (
  carried: Readonly<Record<ProductLine, Carried>>,
  lines: readonly ProductLine[] = productLines,
): CarriedLine[] =>
  lines.map((line) => {
    const { with: needed = [], ...one } = carried[line];
    return { line, ...one, ...(needed.length === 0 ? {} : { with: needed }) };
  });

/** Who carries it for a customer with these services: what needs a service not taken stays with the customer. */
export const carrierFor = (one: CarriedLine, taken: readonly Service[]): Carrier =>
  (one.with ?? []).every((service) => taken.includes(service)) ? one.by : 'customer';
