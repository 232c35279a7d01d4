import { area, button, errorOf, field, form, type Html, hidden, html, linkButton, type Wrong } from '@safeguard/http';
import type { Offered } from '../api/reach.ts';
import type { Task } from '../workflow/types.ts';
import { sheet } from './words.ts';

export type StepName = 'note' | 'assign' | 'submit' | 'withdraw';

/** What was typed, at which of the forms, and what is wrong with it. */
export interface Shown {
  readonly step?: StepName;
  readonly text?: string;
  readonly wrong?: readonly Wrong[];
  readonly status?: number;
}

/** A name stands once on a page: each form has fields of its own. */
export const fieldOf = (step: StepName): string => `${step}-text`;

interface Step {
  readonly title: string;
  readonly label: string;
  readonly hint?: string;
  readonly act: string;
  readonly kind: 'main' | 'quiet' | 'danger';
}

const steps: Readonly<Record<StepName, Step>> = {
  submit: { title: 'Hand it in', label: 'What was done (optional)', act: 'Hand it in for approval', kind: 'main' },
  assign: {
    title: 'Give it to somebody',
    label: 'Who works on it',
    hint: 'E-mail address, or id of the account. Who works on it never approves it.',
    act: 'Assign',
    kind: 'quiet',
  },
  note: {
    title: 'Add a note',
    label: 'Note',
    hint: 'Kept with the task, for good.',
    act: 'Add the note',
    kind: 'quiet',
  },
  withdraw: { title: 'Take it back', label: 'Why', act: 'Withdraw the task', kind: 'danger' },
};

const order = ['submit', 'assign', 'note', 'withdraw'] as const;

const stepPart = (task: Task, name: StepName, { step, text = '', wrong = [] }: Shown): Html => {
  const { title, label, hint, act, kind } = steps[name];
  const own = step === name;
  const parts = {
    ...{ label, name: fieldOf(name), value: own ? text : '' },
    ...(hint === undefined ? {} : { hint }),
    error: own ? errorOf(wrong, fieldOf(name)) : undefined,
  };
  return sheet(
    `form-${name}`,
    title,
    form(`/programme/tasks/${task.id}/${name}`, [
      hidden('version', String(task.version)),
      name === 'assign' ? field({ ...parts, autocomplete: 'off' }) : area({ ...parts, required: name !== 'submit' }),
      html`<div class="acts">${button(act, kind)}</div>`,
    ]),
  );
};

/** Everything that this person may do to it. */
export const formsOf = (task: Task, offered: Offered, shown: Shown): Html => html`
${offered.decide && html`<div class="acts">${linkButton('Decide', `/programme/tasks/${task.id}/decide`, 'main')}</div>`}
${order.filter((name) => offered[name]).map((name) => stepPart(task, name, shown))}`;
