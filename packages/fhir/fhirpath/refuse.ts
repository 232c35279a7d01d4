import { type Fault, fault } from '@safeguard/kernel';

/** An expression that cannot be read. The text names the place, never the expression: a tenant may have written it. */
export const unreadable = (what: string, at: number): Fault =>
  fault('invalid', `The FHIRPath expression cannot be read: ${what} at character ${at + 1}.`);

/** An expression that cannot be answered for this focus; the text quotes no value. */
export const unanswerable = (what: string): Fault =>
  fault('unprocessable', `The FHIRPath expression cannot be answered: ${what}.`);

/** As `unanswerable`, where it is the work that is too much; its issue's code is `too-costly`. */
export const costly = (what: string): Fault => {
  const text = `The FHIRPath expression cannot be answered: ${what}.`;
  return fault('unprocessable', text, { issues: [{ severity: 'error', code: 'too-costly', text }] });
};
