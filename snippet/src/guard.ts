/** The host page must never suffer from us: every entry point runs behind `guard`. */

const reported: Record<string, boolean> = {};

/** Tell the developer's console about an error, each distinct one once. */
export function report(error: unknown): void {
  try {
    if (!reported[error as string]) console.debug("expedit:", error);
    reported[error as string] = true;
  } catch {
    // The page took its console away: nobody is left to tell.
  }
}

/** The same function, whose errors are reported instead of thrown. */
export function guard<A extends unknown[], R>(act: (...given: A) => R): (...given: A) => R | undefined {
  return (...given) => {
    try {
      return act(...given);
    } catch (error) {
      return void report(error);
    }
  };
}

/** Listen, guarded, and while the event is captured, so that a page that stops events does not stop ours. */
export function listen(target: EventTarget, name: string, act: (event: never) => void): void {
  target.addEventListener(name, guard(act) as EventListener, true);
}
