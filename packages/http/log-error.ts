import { isFault } from '@safeguard/kernel';

/**
 * What a log may say of an error: its class, its code and where it was thrown. Never its message: that may carry PHI.
 */
export interface ErrorShape {
  readonly name: string;
  readonly kind?: string;
  readonly code?: string;
  readonly frames: readonly string[];
  readonly cause?: ErrorShape;
}

const deepest = 3;
const mostFrames = 12;
const word = /^[A-Za-z_$][\w$]{0,39}$/;
/** One frame as V8 prints it. The location must be a module's: a message cannot pass for one by an indented line. */
const frame =
  /^\s+at (?:(?:async |new )*([\w$.<>#[\]]+) (?:\[as [\w$.]+\] )?\()?((?:file:\/\/|node:|\/)[^\s()]+:\d+:\d+)\)?$/;

/**
 * The frames of a stack. V8 repeats the message in the header, line breaks and all, so the header is cut off by its
 * length; where the message was changed after the throw, only the unbroken run of frames at the end counts.
 */
function framesOf(error: Error): string[] {
  const stack = String(error.stack ?? '');
  const at = stack.indexOf(error.message);
  const lines = stack.slice(Math.max(at, 0) + (at < 0 ? 0 : error.message.length)).split('\n');
  const start = at < 0 ? lines.findLastIndex((line) => !frame.test(line)) + 1 : 0;
  const frames = lines.slice(start).flatMap((line) => {
    const found = frame.exec(line);
    return found === null ? [] : [`${found[1] ?? ''} ${found[2]}`.trim()];
  });
  return frames.slice(0, mostFrames);
}

/** An error code of Node or PostgreSQL (`ECONNREFUSED`, `23505`): a closed set, and short. */
const codeOf = (error: Error): string | undefined => {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? code : undefined;
};

/** The class of an error as its constructor says; `error.name` is a value that anyone may write. */
const classOf = (error: Error): string => {
  const name = error.constructor?.name;
  return typeof name === 'string' && word.test(name) ? name : 'Error';
};

export function shapeOfError(thrown: unknown, depth = 0): ErrorShape {
  if (!(thrown instanceof Error)) return { name: typeof thrown, frames: [] };
  const code = codeOf(thrown);
  const nested = thrown.cause !== undefined && depth < deepest;
  return {
    name: classOf(thrown),
    ...(isFault(thrown) ? { kind: thrown.kind } : {}),
    ...(code === undefined ? {} : { code }),
    frames: framesOf(thrown),
    ...(nested ? { cause: shapeOfError(thrown.cause, depth + 1) } : {}),
  };
}
