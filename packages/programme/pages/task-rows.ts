import { type Html, html } from '@safeguard/http';
import type { Task } from '../workflow/types.ts';
import { open, row, taskWords, whenLate } from './words.ts';

/** A task of a list: what it is, where it stands, until when. */
export const taskRow = (task: Task, now: number): Html =>
  row(
    html`${task.title} <span class="tag">${taskWords[task.state]}</span>`,
    task.closed_at === undefined && html`<p>Due ${whenLate(task.due_at, now)}.</p>`,
    open(`/programme/tasks/${task.id}`, task.title),
  );
