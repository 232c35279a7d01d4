import { dayOf, type Html, html, linkButton } from '@safeguard/http';
import type { Accounting } from '../accounting/accounting.ts';
import type { AccessRow } from '../accounting/rows.ts';
import { howTold, isOwn, whatTold, whoTold } from './row-words.ts';

/** Who reads the list, and what is offered at each row. */
export interface Reader {
  /** Id of the account. */
  readonly own: string;
  readonly patient: string;
  readonly roles: ReadonlyMap<string, string>;
  readonly objects: boolean;
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'UTC' });

const objection = ({ id, at }: AccessRow, who: string, { patient }: Reader): Html =>
  linkButton(
    html`Object<span class="unseen"> to ${who}, ${clock.format(at)}</span>`,
    `/account/record/objections/new?patient=${patient}&about=${id}`,
  );

const rowOf = (row: AccessRow, reader: Reader): Html => {
  const who = whoTold(row, reader.own);
  const how = howTold(row, row.grant === null ? undefined : reader.roles.get(row.grant));
  return html`<li class="row"><div><h3>${who}${how !== '' && html`<span class="hint">, ${how}</span>`}</h3>
<p>${whatTold(row)}.</p><p class="hint">${clock.format(row.at)} UTC</p></div>
${reader.objects && !isOwn(row, reader.own) && objection(row, who, reader)}</li>`;
};

const day = ({ at }: AccessRow): string => new Date(at).toISOString().slice(0, 10);

/** Day by day, the newest first. */
export const rowList = (rows: readonly AccessRow[], reader: Reader): Html =>
  html`<div class="days">${[...Map.groupBy(rows, day)].map(
    ([name, ofDay]) =>
      html`<section class="sheet" aria-labelledby="day-${name}"><h2 id="day-${name}">${dayOf(
        ofDay[0]?.at ?? 0,
      )}</h2><ul class="rows">${ofDay.map((row) => rowOf(row, reader))}</ul></section>`,
  )}</div>`;

export const grantsIn = ({ rows }: Pick<Accounting, 'rows'>): string[] => [
  ...new Set(rows.flatMap(({ grant }) => grant ?? [])),
];
