import { type Answer, errorSummary, type Html, html, type RequestContext, type Route, timeOf } from '@safeguard/http';
import { families } from '../content/types.ts';
import type { ControlState, Posture } from '../posture/types.ts';
import { familyTitles, stateWords } from '../trust/words.ts';
import { controlRoute } from './control.ts';
import { atOf, failed, type Moment, momentForm, momentOf, pastNotice } from './moment.ts';
import { countsTable } from './overview.ts';
import type { ProgrammePagesDeps } from './ports.ts';
import { deskPage, ways } from './ways.ts';
import { levelWords, open, row, rows, sheet, stateNames, stateTag } from './words.ts';

const here = '/programme/controls';

const controlRow = (one: ControlState, moment: Moment): Html => {
  const { control, state, because } = one;
  const level = levelWords[control.level];
  return row(
    html`${control.title} ${stateTag(state)}`,
    html`<p>${control.citation}${level !== '' && `, ${level.toLowerCase()}`}${
      one.waiver !== undefined && html`, waived until ${timeOf(one.waiver.until)}`
    }</p><p>${because}</p>`,
    open(`${here}/${control.id}${atOf(moment)}`, control.citation),
  );
};

interface Filter {
  readonly state: string;
  readonly family: string;
}

/** Only words of ours; anything else filters nothing. */
function filterOf({ query }: RequestContext): Filter {
  const [state, family] = [query.get('state') ?? '', query.get('family') ?? ''];
  return {
    state: stateNames.some((one) => one === state) ? state : '',
    family: families.some((one) => one === family) ? family : '',
  };
}

const choices = (name: string, label: string, chosen: string, of: readonly (readonly [string, string])[]): Html =>
  html`<div class="field"><label for="${name}">${label}</label><select id="${name}" name="${name}">
<option value="">All</option>${of.map(([value, text]) =>
    value === chosen
      ? html`<option value="${value}" selected>${text}</option>`
      : html`<option value="${value}">${text}</option>`,
  )}</select></div>`;

const filterForm = ({ state, family }: Filter, { text }: Moment): Html =>
  html`<form class="asking" method="get" action="${here}">
${text !== '' && html`<input type="hidden" name="at" value="${text}">`}
${choices(
  'state',
  'State',
  state,
  stateNames.map((one) => [one, stateWords[one]]),
)}
${choices(
  'family',
  'Family',
  family,
  families.map((one) => [one, familyTitles[one]]),
)}
<button type="submit" class="quiet">Show these</button></form>`;

const fits = ({ state, family }: Filter, one: ControlState): boolean =>
  (state === '' || one.state === state) && (family === '' || one.control.family === family);

const byFamily = ({ controls }: Posture, filter: Filter, moment: Moment): readonly Html[] =>
  families.flatMap((family) => {
    const these = controls.filter((one) => one.control.family === family && fits(filter, one));
    if (these.length === 0) return [];
    const list = these.map((one) => controlRow(one, moment));
    return [sheet(family, `${familyTitles[family]} (${these.length})`, rows(list, ''))];
  });

async function list(deps: ProgrammePagesDeps, context: RequestContext): Promise<Answer> {
  const now = deps.clock.now();
  const moment = momentOf(context, now);
  const filter = filterOf(context);
  const posture = await deps.postureAt(moment.at);
  const shown = byFamily(posture, filter, moment);
  return deskPage(deps, context, {
    title: 'Controls',
    here,
    ...failed(moment.wrong),
    main: html`<h1>Controls</h1>
<p class="lead">Every standard and specification of the Security Rule, and the rules of the Breach Notification and
Privacy Rules that bind a business associate. No authority certifies compliance with HIPAA.</p>
${errorSummary(moment.wrong)}${pastNotice(moment, posture.at)}
${sheet('counts', 'How they stand', countsTable(posture, moment.text))}
<div class="sheet asked">${filterForm(filter, moment)}${momentForm(here, moment, now, { ...filter })}</div>
${shown.length === 0 ? html`<p class="hint">No control is in this state.</p>` : shown}`,
  });
}

export const controlRoutes = (deps: ProgrammePagesDeps): Route[] => [
  ways(deps).get(here, { action: 'control-list', type: 'Control', house: true }, (context) => list(deps, context)),
  ...controlRoute(deps),
];
