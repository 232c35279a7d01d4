import {
  type Answer,
  button,
  dayOf,
  errorOf,
  errorSummary,
  field,
  fieldsOf,
  form,
  type Html,
  html,
  notice,
  type RequestContext,
  type Route,
  seeOther,
  tried,
  type Wrong,
} from '@safeguard/http';
import type { Review } from '../reviews/types.ts';
import type { AccessPagesDeps } from './ports.ts';
import { reviewRoutes as ofOne } from './review.ts';
import { deskPage, may, ways } from './ways.ts';
import { counted, done, open, row, rows, sheet } from './words.ts';

const path = '/access/reviews';
const words = {
  review_days: 'Give a number of days from 1 to 365.',
  answer_days: 'Give a number of days from 1 to 60, less than the time between two reviews.',
} as const;
const doneWords = { setting: 'Kept. It holds from the next review on.' } as const;

const reviewStates: Readonly<Record<Review['state'], string>> = {
  open: 'Open',
  closed: 'Closed',
  over: 'Over: what nobody kept has lapsed',
};

export const progress = ({ items: { all, kept, revoked, undecided } }: Review): string =>
  `${counted(all, 'right')}: ${kept} kept, ${revoked} revoked, ${undecided} undecided`;

const reviewRow = (review: Review): Html =>
  row(
    html`Review of ${dayOf(review.started_at)} <span class="tag">${reviewStates[review.state]}</span>`,
    html`<p>${progress(review)}. Due ${dayOf(review.due_at)}.</p>`,
    open(`${path}/${review.id}`, 'the review'),
  );

interface Shown {
  readonly given?: Readonly<Record<'review_days' | 'answer_days', string>>;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

async function list(deps: AccessPagesDeps, context: RequestContext, { given, wrong = [], status = 200 }: Shown = {}) {
  const { tenant } = context.principal;
  const [reviews, setting] = await Promise.all([deps.reviews.list(tenant), deps.reviews.setting(tenant)]);
  const isOpen = reviews.some(({ state }) => state === 'open');
  const days = (name: 'review_days' | 'answer_days', label: string): Html =>
    field({
      ...{ label, name, inputmode: 'numeric', maxlength: 3, error: errorOf(wrong, name) },
      value: given?.[name] ?? String(setting[name]),
    });
  const text = done(doneWords, context.query.get('done'));
  return deskPage(deps, context, {
    title: 'Reviews',
    here: path,
    ...(wrong.length === 0 ? {} : { status, wrong: true }),
    main: html`<h1>Reviews of access rights</h1>
<p class="lead">Somebody else than its holder looks at every right, time and again. What nobody keeps is over.</p>
${text !== undefined && notice(html`<p>${text}</p>`, 'good')}
${errorSummary(wrong)}
${
  !isOpen && may(deps.guard, context.principal, 'review-start')
    ? html`<div class="acts">${form(path, button('Start a review now', 'quiet'))}</div>`
    : ''
}
${sheet('reviews', 'Reviews', rows(reviews.map(reviewRow), 'There was none yet.'))}
${sheet(
  'setting',
  'How often',
  form(`${path}/setting`, [
    html`<div class="fields">${days('review_days', 'Days between two reviews')}
${days('answer_days', 'Days to decide')}</div>`,
    html`<div class="acts">${button('Keep', 'quiet')}</div>`,
  ]),
)}`,
  });
}

const number = (text: string): number => (/^\d{1,3}$/.test(text.trim()) ? Number(text) : Number.NaN);

async function configure(deps: AccessPagesDeps, context: RequestContext): Promise<Answer> {
  const fields = fieldsOf(context);
  const given = { review_days: fields('review_days'), answer_days: fields('answer_days') };
  return tried(
    context,
    { frame: deps.frame, back: path, words, again: (refused) => list(deps, context, { given, ...refused }) },
    async () => {
      const setting = { review_days: number(given.review_days), answer_days: number(given.answer_days) };
      await deps.reviews.configure(context.principal, setting);
      return seeOther(`${path}?done=setting`);
    },
  );
}

const start = (deps: AccessPagesDeps, context: RequestContext): Promise<Answer> =>
  tried(
    context,
    { frame: deps.frame, back: path, words: {}, again: (refused) => list(deps, context, refused) },
    async () => {
      const { id } = await deps.reviews.start(context.principal);
      return { ...seeOther(`${path}/${id}`), targets: [{ type: 'Review', id }] };
    },
  );

export function reviewRoutes(deps: AccessPagesDeps): Route[] {
  const { get, post } = ways(deps);
  return [
    get(path, 'review-list', (context) => list(deps, context)),
    post(path, 'review-start', (context) => start(deps, context)),
    post(`${path}/setting`, 'review-configure', (context) => configure(deps, context)),
    ...ofOne(deps),
  ];
}
