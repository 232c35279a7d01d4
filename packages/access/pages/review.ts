import {
  type Answer,
  button,
  checkbox,
  checkFresh,
  dayOf,
  errorSummary,
  fieldsOf,
  form,
  type Html,
  html,
  linkButton,
  notice,
  pageOf,
  type RequestContext,
  type Route,
  seeOther,
  timeOf,
  tried,
  type Wrong,
} from '@safeguard/http';
import { fault, isUuid } from '@safeguard/kernel';
import { namesOf } from '../api/names.ts';
import { noSuch } from '../api/reach.ts';
import type { Policy } from '../policy/types.ts';
import type { Review, ReviewItem } from '../reviews/types.ts';
import { reasonField } from './ask-form.ts';
import { gated, isFresh } from './gated.ts';
import type { AccessPagesDeps } from './ports.ts';
import { deskPage, idOf, ways } from './ways.ts';
import { type Call, callerOf, capital, counted, fact, facts, further, roleTitle, rows, said, sheet } from './words.ts';

const path = '/access/reviews';
const count = 50;
const words = { items: 'Tick at least one right.', reason: 'Write why: 10 to 2,000 characters.' } as const;

const because: Readonly<Record<ReviewItem['because'], string>> = {
  used: 'it was used',
  new: 'it is new: too early to tell',
  'never used': 'it was never used',
  unused: 'it was not used for long',
  'ends soon': 'it ends by itself before this review does',
};
const recommended: Readonly<Record<ReviewItem['recommendation'], string>> = {
  keep: 'Keep',
  revoke: 'Revoke',
  'let lapse': 'Let it end',
};
const itemStates: Readonly<Record<ReviewItem['state'], string>> = {
  undecided: 'Undecided',
  kept: 'Kept',
  revoked: 'Revoked',
  lapsed: 'Lapsed',
};

const lastUse = ({ used_at }: ReviewItem): Html =>
  used_at === undefined ? html`Never used` : html`Last used ${dayOf(used_at)}`;

const titleOf = (item: ReviewItem, policy: Policy, call: Call): string =>
  `${capital(call(item.account))}: ${roleTitle(policy, item.role)}`;

const about = (item: ReviewItem): Html => html`${lastUse(item)}, held since ${dayOf(item.since)}, until
${dayOf(item.until)}. Recommended: ${recommended[item.recommendation].toLowerCase()}, since ${because[item.because]}.`;

const tick = (item: ReviewItem, policy: Policy, call: Call, ticked: readonly string[]): Html =>
  html`<li class="row">${checkbox({
    name: 'item',
    id: `item-${item.id}`,
    value: item.id,
    checked: ticked.includes(item.id),
    label: titleOf(item, policy, call),
    hint: about(item),
  })}</li>`;

const decidedBy = ({ state, decided_by }: ReviewItem, call: Call): string =>
  decided_by === undefined ? '' : ` ${itemStates[state]} by ${call(decided_by)}.`;

const decidedRow = (item: ReviewItem, policy: Policy, call: Call): Html => html`<li class="row"><div>
<h3>${titleOf(item, policy, call)} <span class="tag">${itemStates[item.state]}</span></h3>
<p class="hint">${about(item)}${decidedBy(item, call)}</p>
${item.reason !== undefined && said(item.reason)}</div></li>`;

interface Shown {
  readonly ticked?: readonly string[];
  readonly reason?: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

interface Look {
  readonly review: Review;
  readonly policy: Policy;
  readonly call: Call;
  readonly items: readonly ReviewItem[];
  readonly next: string | null;
  /** Decided already, and one's own: shown below. */
  readonly all: boolean;
}

async function lookOf(deps: AccessPagesDeps, context: RequestContext): Promise<Look> {
  const { principal, query } = context;
  const review = await deps.reviews.byId(principal.tenant, idOf(context));
  if (review === undefined) throw noSuch();
  const all = review.state !== 'open' || query.get('show') === 'all';
  const after = query.get('after');
  const wanted = {
    ...(all ? {} : { state: 'undecided' as const }),
    ...(after !== null && isUuid(after) ? { after } : {}),
    count: count + 1,
  };
  const { items, next } = pageOf(await deps.reviews.items(principal.tenant, review.id, wanted), count);
  const people = items.flatMap(({ account, decided_by }) => [account, decided_by]);
  const call = callerOf(await namesOf(deps, principal.tenant, people), principal);
  const { policy } = await deps.policies.active(principal.tenant);
  return { review, policy, call, items, next, all };
}

const keeping = (fresh: boolean, { id }: Review): Html =>
  fresh
    ? button('Keep what is ticked', 'main', { name: 'verdict', value: 'keep' })
    : linkButton('Keep: confirm that it is you first', `${path}/${id}/confirm`, 'main');

function decideForm(
  deps: AccessPagesDeps,
  context: RequestContext,
  { review, policy, call, items }: Look,
  shown: Shown,
): Html | false {
  const mine = context.principal.id;
  const open = items.filter(({ state, account }) => state === 'undecided' && account !== mine);
  if (review.state !== 'open' || open.length === 0) return false;
  const { ticked = [], reason = '', wrong = [] } = shown;
  return form(`${path}/${review.id}/decide`, [
    html`<fieldset id="items" tabindex="-1"><legend>Rights to decide</legend>
<ul class="rows">${open.map((one) => tick(one, policy, call, ticked))}</ul></fieldset>`,
    reasonField({ reason }, wrong, 'One for all that you tick.'),
    html`<div class="acts">${keeping(isFresh(deps, context), review)}
${button('Revoke what is ticked', 'danger', { name: 'verdict', value: 'revoke' })}</div>`,
  ]);
}

const standOf = ({ review }: Look): Html =>
  facts([
    fact('Started', timeOf(review.started_at)),
    fact(review.closed_at === undefined ? 'Due' : 'Closed', timeOf(review.closed_at ?? review.due_at)),
    fact('Rights', review.items.all),
    fact('Kept', review.items.kept),
    fact('Revoked', review.items.revoked),
    fact('Undecided', review.items.undecided),
  ]);

const acts = ({ review: { id, items }, all }: Look): Html => html`<div class="acts">
${all ? linkButton('Show what is undecided', `${path}/${id}`) : linkButton('Show everything', `${path}/${id}?show=all`)}
${items.undecided === 0 && form(`${path}/${id}/close`, button('Close the review', 'quiet'))}</div>`;

async function show(deps: AccessPagesDeps, context: RequestContext, shown: Shown = {}): Promise<Answer> {
  const look = await lookOf(deps, context);
  const { review, policy, call, items, next, all } = look;
  const { wrong = [], status = 200 } = shown;
  const at = `${path}/${review.id}`;
  const own = items.filter(({ state, account }) => state !== 'undecided' || account === context.principal.id);
  const count = Number(context.query.get('done') ?? '');
  const decides = decideForm(deps, context, look, shown);
  return deskPage(deps, context, {
    title: 'A review',
    here: path,
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    main: html`<h1>Review of ${dayOf(review.started_at)}</h1>
${count > 0 && notice(html`<p>${counted(count, 'right is', 'rights are')} decided.</p>`, 'good')}
${errorSummary(wrong)}
${sheet('stand', 'How far it is', standOf(look))}
${decides !== false && sheet('decide', 'Decide', decides)}
${
  own.length > 0 &&
  sheet(
    'others',
    all ? 'Decided, or not yours to decide' : 'Your own: somebody else decides',
    rows(
      own.map((one) => decidedRow(one, policy, call)),
      '',
    ),
  )
}
${further(all ? `${at}?show=all` : at, next)}
${review.state === 'open' && acts(look)}`,
  });
}

const nothingTicked = () =>
  fault('invalid', words.items, { issues: [{ severity: 'error', code: 'required', text: words.items, at: 'items' }] });

/** Boxes of one name: those that were ticked. */
const tickedIn = ({ body }: RequestContext): string[] =>
  new URLSearchParams(body.toString('utf8')).getAll('item').filter(isUuid).slice(0, count);

async function decide(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const fields = fieldsOf(context);
  const [verdict, reason] = [fields('verdict'), fields('reason').replaceAll('\r\n', '\n').trim()];
  const ticked = tickedIn(context);
  const at = `${path}/${idOf(context)}`;
  return tried(
    context,
    { frame: deps.frame, back: at, words, again: (refused) => show(deps, context, { ticked, reason, ...refused }) },
    async () => {
      const items = ticked.map((id) => ({ type: 'ReviewItem', id }));
      context.about?.([{ type: 'Review', id: idOf(context) }, ...items]);
      if (ticked.length === 0) throw nothingTicked();
      if (verdict !== 'revoke') checkFresh(context.principal, deps.clock.now());
      const wanted = { items: ticked, verdict: verdict as 'keep', reason };
      const decided = await deps.reviews.decide(context.principal, idOf(context), wanted);
      return { ...seeOther(`${at}?done=${decided}`), targets: [{ type: 'Review', id: idOf(context) }, ...items] };
    },
  );
}

const close = (deps: AccessPagesDeps, context: RequestContext): Promise<Answer> =>
  tried(
    context,
    {
      ...{ frame: deps.frame, back: `${path}/${idOf(context)}`, words: {} },
      again: (refused) => show(deps, context, refused),
    },
    async () => {
      await deps.reviews.close(context.principal, idOf(context));
      return seeOther(`${path}/${idOf(context)}`);
    },
  );

export function reviewRoutes(deps: AccessPagesDeps): Route[] {
  const { get, post } = ways(deps);
  const at = `${path}/:id`;
  return [
    get(at, 'review-read', (context) => show(deps, context)),
    get(`${at}/confirm`, 'review-decide', (context) => {
      const back = `${path}/${idOf(context)}`;
      return gated(deps, context, back, async () => seeOther(back));
    }),
    post(`${at}/decide`, 'review-decide', (context) => decide(deps, context)),
    post(`${at}/close`, 'review-close', (context) => close(deps, context)),
  ];
}
